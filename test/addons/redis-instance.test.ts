import { readdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { send } from '../../lib/scripts/processes.ts';
import { failure } from '../operations/world.ts';
import { contents, describeRedis, FILLED, fill, fillUp, killRestore, logIn } from './redis.ts';

describeRedis('redis with a server for each app', { mode: 'host' }, (the) => {
  test('an app may do all that its data needs', async () => {
    const app = await logIn(await the().app('able'));
    await fill(app, '');
    expect(await app.keys('t*')).toEqual(['text']);
    expect(await app.info('server')).toContain('redis_version');
    expect(await app.eval("return redis.call('GET', KEYS[1])", { keys: ['text'] })).toBe('value');
    expect(await app.multi().incr('n').incr('n').exec()).toEqual([1, 2]);
    expect(await app.sendCommand(['SORT', 'list', 'ALPHA', 'DESC'])).toEqual(['b', 'a']);
    expect(await app.publish('any', 'x')).toBe(0);
    await app.select(3);
    await app.flushDb();
    await app.flushAll();
    expect(await app.dbSize()).toBe(0);
  });

  test.for([true, false])('a dump is an RDB file that brings everything back, appendonly = %s', async (appendonly) => {
    const world = the();
    world.configure({ appendonly });
    await world.addons.enable('redis', { again: true });
    const name = `saved-${appendonly}`;
    await fill(await logIn(await world.app(name)), '');
    const dump = await world.dump(name);
    expect(readFileSync(dump, 'latin1').slice(0, 5)).toBe('REDIS');

    const changed = await logIn(await world.release(name));
    await changed.del('hash');
    await changed.set('newer', '1');
    await world.addons.restore(name, 'redis', { file: dump });
    const restored = await logIn(await world.release(name));
    expect(await contents(restored, '')).toEqual(FILLED);
    expect(await restored.exists('newer')).toBe(0);

    // What was restored is also what the next start finds.
    await restored.set('after', '1');
    const [pid] = readFileSync(join(await serverOf(name), 'pid'), 'utf8').match(/(?<= )\d+/) ?? [];
    send('SIGTERM', Number(pid));
    while (restored.isReady) await pause(20);
    const again = await logIn(await world.release(name));
    expect(await contents(again, '')).toEqual(FILLED);
    expect(await again.get('after')).toBe('1');
  });

  test('switching appendonly off and on keeps the data', async () => {
    const world = the();
    const url = await world.app('switch');
    await (await logIn(url)).set('key', 'value');
    for (const appendonly of [false, true]) {
      world.configure({ appendonly });
      await world.addons.enable('redis', { again: true });
      const app = await logIn(await world.release('switch'));
      expect(await app.info('persistence')).toContain(`aof_enabled:${Number(appendonly)}`);
      expect(await app.get('key')).toBe('value');
    }
  });

  test('maxmemory is of each app alone, with its policy', async () => {
    const world = the();
    world.configure({ maxmemory: '5mb', maxmemory_policy: 'noeviction' });
    await world.addons.enable('redis', { again: true });
    const [greedy, modest] = [await logIn(await world.app('greedy')), await logIn(await world.app('modest'))];
    await expect(fillUp(greedy)).rejects.toThrow(/OOM/);
    await modest.set('key', 'value');

    world.configure({ maxmemory_policy: 'allkeys-lru' });
    await world.addons.enable('redis', { again: true });
    const again = await logIn(await world.release('greedy'));
    await fillUp(again);
    expect(await again.info('stats')).toMatch(/evicted_keys:[1-9]/);
    world.configure({ maxmemory: '', maxmemory_policy: 'noeviction' });
    await world.addons.enable('redis', { again: true });
  });

  test('a restore that is killed leaves the old data or the new', async () => {
    const world = the();
    const app = await logIn(await world.app('killed'));
    await app.set('data', 'of the dump');
    const dump = await world.dump('killed');
    for (const delay of [20, 60, 100, 150, 200, 300]) {
      const before = await logIn(await world.release('killed'));
      await before.set('data', 'of now');
      await before.set('newer', '1');
      await killRestore(world, 'killed', dump, delay);
      const after = await logIn(await world.release('killed'));
      expect(['of the dump', 'of now 1']).toContain(
        [await after.get('data'), await after.get('newer')].filter(Boolean).join(' '),
      );
    }
    await world.addons.restore('killed', 'redis', { file: dump });
    expect(
      readdirSync(join(await serverOf('killed'), 'data')).filter((name) => /^(set|dump)-/.test(name)),
    ).toHaveLength(1);
  });

  test.for([
    [{ maxmemory: 'much' }, 'no size'],
    [{ maxmemory_policy: 'any' }, 'not one of Redis'],
    [{ listen: '0.0.0.0' }, 'no address that an app can connect to'],
    [{ isolation: 'full' }, 'Say "instance" or "acl"'],
    [{ isolation: 'acl' }, 'apps use it'],
  ] as const)('enable refuses %o in words', async ([wrong, words]) => {
    const world = the();
    await world.app('any').catch(() => {});
    const right = { maxmemory: '', maxmemory_policy: 'noeviction', listen: '127.0.0.1', isolation: 'instance' };
    world.configure(wrong);
    try {
      expect((await failure(world.addons.enable('redis', { again: true }))).details.stderr).toContain(words);
    } finally {
      world.configure(right);
    }
    await world.addons.enable('redis', { again: true });
  });

  test('a dump makes no file where the user of the server could have root write through a link', async () => {
    const world = the();
    await world.app('astray');
    const data = join(await serverOf('astray'), 'data');
    const made: (string | null)[] = [];
    const watcher = watch(data, (_, name) => made.push(name));
    const { status } = await world.run('dump', [await world.idOf('astray'), world.privateOf('astray')], 'none');
    expect(status).toBe(0);
    writeFileSync(join(data, 'last'), '');
    while (!made.includes('last')) await pause(10);
    watcher.close();
    expect(new Set(made)).toEqual(new Set(['last']));
  });

  const serverOf = async (app: string) => join(the().data, 'servers', await the().idOf(app));
});
