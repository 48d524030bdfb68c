import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openPlatform } from '../../lib/open-platform.ts';
import { send } from '../../lib/scripts/processes.ts';
import { failure } from '../operations/world.ts';
import { processesBelow } from '../servers/remains.ts';
import type { ServerWorld } from '../servers/world.ts';
import { describeRedis, logIn } from './redis.ts';

/** Runs a script on data at another place than the tool's. */
function runOn(data: string, world: ServerWorld, script: string, ...args: string[]) {
  const environment = world.environment('none');
  const env = { ...environment, ADDON_DATA: data };
  const ended = spawnSync(join(String(environment.ADDON_ROOT), script), args, { env, encoding: 'utf8' });
  return { ...ended, url: ended.stdout.trim() };
}

/** An app with a key, and the arguments of its `url`. */
async function appWithKey(world: ServerWorld, name: string) {
  const url = await world.app(name);
  const app = await logIn(url);
  await app.set('key', 'value');
  const words = [await world.idOf(name), world.privateOf(name)] as const;
  return { url, app, words };
}

describeRedis('redis whose data was moved', { mode: 'host' }, (the) => {
  test('a copy has a server of its own, and its end is not the end of the other', async () => {
    const world = the();
    const { url, app, words } = await appWithKey(world, 'copied');
    const copy = join(world.home, 'copy');
    mkdirSync(copy, { mode: 0o711 });
    for (const part of ['apps', 'lib', 'etc']) execFileSync('cp', ['--archive', join(world.home, part), copy]);
    const copied = openPlatform({ home: copy, environment: { DOCKER_HOST: world.dockerHost } });
    onTestFinished(() => {
      for (const pid of processesBelow(copy)) send('SIGKILL', pid);
    });
    const urlOfCopy = await copied.url('copied', 'redis');
    expect(urlOfCopy).not.toBe(url);
    const other = await logIn(urlOfCopy);
    expect(await other.get('key')).toBe('value');
    await other.set('key', 'of the copy');
    expect(await app.get('key')).toBe('value');
    expect(await copied.daemons('redis')).toMatchObject([{ instance: words[0], state: 'running' }]);
    await copied.remove('copied', 'redis');
    expect(await copied.daemons('redis')).toEqual([]);
    expect(await app.get('key')).toBe('value');
  });

  test('data that came back as another user is not served as that user, and enable --again puts it right', async () => {
    const world = the();
    const { words } = await appWithKey(world, 'restored');
    const [, pid] = readFileSync(join(world.data, 'servers', words[0], 'pid'), 'utf8').split(' ');
    send('SIGKILL', Number(pid));
    execFileSync('chown', ['-hR', '0:0', join(world.data, 'servers', words[0], 'data')]);
    const refused = await failure(world.addons.release('restored'));
    expect(refused.message).toContain('user number 0');
    expect(refused.message).toContain('addons enable --again redis');
    await world.addons.enable('redis', { again: true });
    await logIn(await world.release('restored'));
  });
});

describeRedis('redis in a container whose data was moved', { mode: 'docker' }, (the) => {
  test('is made anew at the new place, and a copy does not touch it', async () => {
    const world = the();
    const { words } = await appWithKey(world, 'moved');
    const [elsewhere, token] = [join(world.home, 'elsewhere'), join(world.data, 'token')];
    execFileSync('cp', ['--archive', world.data, elsewhere]);
    // As if nothing were left here.
    renameSync(token, `${token}.away`);
    const moved = runOn(elsewhere, world, 'url', ...words);
    expect(moved.status, moved.stderr).toBe(0);
    const there = await logIn(moved.url);
    expect(await there.get('key')).toBe('value');
    await there.set('key', 'elsewhere');
    renameSync(`${token}.away`, token);
    renameSync(join(elsewhere, 'token'), join(elsewhere, 'token.away'));
    const url = await world.release('moved');
    expect(await (await logIn(url)).get('key')).toBe('value');

    renameSync(join(elsewhere, 'token.away'), join(elsewhere, 'token'));
    for (const script of ['url', 'unprovision']) {
      const refused = runOn(elsewhere, world, script, ...words);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toContain(`of which ${elsewhere} is a copy`);
    }
    expect(await (await logIn(url)).get('key')).toBe('value');
  });

  test('an image that gives nobody the data directory, as that of Redis 8, serves it all the same', async () => {
    const world = the();
    const { image } = world.settings();
    const name = `made-${process.pid}`;
    const change = "sed -i '/chown/d' /usr/local/bin/docker-entrypoint.sh";
    world.docker('run', '--name', name, '--user', '0', '--entrypoint', 'sh', String(image), '-c', change);
    const entrypoint = 'ENTRYPOINT ["docker-entrypoint.sh"]';
    world.docker('commit', '--change', entrypoint, '--change', 'CMD ["redis-server"]', name, `addons-test/${name}`);
    world.docker('rm', name);
    world.configure({ image: `addons-test/${name}` });
    try {
      const { app } = await appWithKey(world, 'eight');
      expect(await app.get('key')).toBe('value');
      expect(await world.dump('eight')).toBeTruthy();
    } finally {
      world.configure({ image: String(image) });
    }
  });
});
