import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { failure } from '../operations/world.ts';
import { contents, describeRedis, FILLED, fill, killRestore, logIn } from './redis.ts';

describeRedis('redis with one server for all apps', { mode: 'host', settings: { isolation: 'acl' } }, (the) => {
  test('an app may do all that its data needs, on keys and channels that begin with its id', async () => {
    const { app, prefix } = await login('able');
    await fill(app, prefix);
    expect(await app.info('server')).toContain('redis_version');
    expect(await app.eval("return redis.call('GET', KEYS[1])", { keys: [`${prefix}text`] })).toBe('value');
    expect(await app.multi().incr(`${prefix}n`).incr(`${prefix}n`).exec()).toEqual([1, 2]);
    expect(await app.publish(`${prefix}news`, 'x')).toBe(0);
    expect(await app.rename(`${prefix}n`, `${prefix}m`)).toBe('OK');
    expect(await app.del([`${prefix}m`, `${prefix}list`])).toBe(2);
  });

  test.for([
    'SCAN 0',
    'DBSIZE',
    'RANDOMKEY',
    'FLUSHDB',
    'SELECT 1',
    'FUNCTION FLUSH',
    'SCRIPT FLUSH',
    'SCRIPT KILL',
    'PUBSUB CHANNELS',
    'CLIENT TRACKING ON BCAST PREFIX other',
    'CLIENT UNBLOCK 1',
    'MEMORY STATS',
    'PSUBSCRIBE *',
    'SUBSCRIBE __keyevent@0__:set',
    'CLIENT KILL ID 1',
  ])('%s is refused, as it reaches beyond the app', async (command) => {
    const { app } = await login('confined');
    await expect(app.sendCommand(command.split(' '))).rejects.toThrow(/NOPERM/);
  });

  test('a dump brings everything back into the app, and into another one, and into any Redis', async () => {
    const world = the();
    const { app, prefix } = await login('saved');
    await fill(app, prefix);
    const file = await world.dump('saved');
    expect(readFileSync(file, 'latin1')).not.toContain(prefix);

    await app.del(`${prefix}hash`);
    await app.set(`${prefix}newer`, '1');
    await world.addons.restore('saved', 'redis', { file });
    expect(await contents(app, prefix)).toEqual(FILLED);
    expect(await app.exists(`${prefix}newer`)).toBe(0);

    const other = await login('other');
    await other.app.set(`${other.prefix}newer`, '1');
    await world.addons.restore('other', 'redis', { file });
    expect(await contents(other.app, other.prefix)).toEqual(FILLED);
    expect(await other.app.exists(`${other.prefix}newer`)).toBe(0);
    expect(await contents(app, prefix)).toEqual(FILLED);

    const socket = await plainServer();
    const piped = spawnSync('redis-cli', ['-s', socket, '--pipe'], { input: readFileSync(file), encoding: 'utf8' });
    expect(piped.stdout).toContain('errors: 0');
    expect(spawnSync('redis-cli', ['-s', socket, 'HGETALL', 'hash'], { encoding: 'utf8' }).stdout).toBe(
      'field\nvalue\n',
    );
  });

  test('an app without keys has a dump, too', async () => {
    const world = the();
    const { app, prefix } = await login('empty');
    const file = await world.dump('empty');
    await app.set(`${prefix}newer`, '1');
    await world.addons.restore('empty', 'redis', { file });
    expect(await app.exists(`${prefix}newer`)).toBe(0);
  });

  test.for<[string, (dump: Buffer) => Buffer]>([
    ['other commands', () => command(HEAD, ['FLUSHALL'], ['ECHO', 'end of 0 keys'])],
    [
      'a user',
      () => command(HEAD, ['ACL', 'SETUSER', 'evil', 'on', 'nopass', '+@all', '~*'], ['ECHO', 'end of 0 keys']),
    ],
    ['fewer keys than it says', () => command(HEAD, ['ECHO', 'end of 1 keys'])],
    ['a changed byte', (dump) => Buffer.from(dump).fill('!', dump.length >> 1, (dump.length >> 1) + 4)],
    ['an RDB file', () => Buffer.from('REDIS0010\xfa\tredis-ver\x067.0.15', 'latin1')],
    ['no end', (dump) => dump.subarray(0, -40)],
  ])('a dump with %s is refused, and nothing has changed', async ([, made]) => {
    const world = the();
    const { app, prefix } = await login('careful');
    await app.set(`${prefix}a`, Array.from({ length: 500 }, (_, i) => i).join());
    const dump = readFileSync(await world.dump('careful'));
    await app.set(`${prefix}a`, 'kept');
    const error = await failure(world.addons.restore('careful', 'redis', { file: world.file(made(dump)) }));
    expect(error.details.stderr).toContain('The data is unchanged.');
    expect(await app.get(`${prefix}a`)).toBe('kept');
    expect(await administer(['ACL', 'USERS'])).not.toContain('evil');
    expect(await administer(['KEYS', '.restore*'])).toBe('\n');
  });

  test('a restore that is killed leaves the old data or the new, and nothing beside it after the next', async () => {
    const world = the();
    const { app, prefix } = await login('killed');
    await fill(app, prefix);
    const file = await world.dump('killed');
    for (const delay of [20, 40, 60, 80, 110, 150]) {
      await app.set(`${prefix}newer`, '1');
      await app.set(`${prefix}text`, 'of now');
      await killRestore(world, 'killed', file, delay);
      const found = [await app.get(`${prefix}text`), await app.get(`${prefix}newer`)].filter(Boolean).join(' ');
      expect(['value', 'of now 1']).toContain(found);
    }
    await world.addons.restore('killed', 'redis', { file });
    expect(await administer(['KEYS', '.restore*'])).toBe('\n');
    expect(spawnSync('ls', ['-A', world.data], { encoding: 'utf8' }).stdout).not.toContain('.stage');
  });

  test('remove takes the keys of all databases, and no key of another app', async () => {
    const world = the();
    const [gone, stays] = [await login('gone'), await login('gone2')];
    await stays.app.set(`${stays.prefix}key`, 'stays');
    await gone.app.set(`${gone.prefix}key`, 'value');
    await gone.app.sendCommand(['COPY', `${gone.prefix}key`, `${gone.prefix}key`, 'DB', '5']);
    await world.addons.remove('gone', 'redis');
    expect(await administer(['KEYS', `${gone.prefix}*`])).toBe('\n');
    expect(await administer(['-n', '5', 'KEYS', '*'])).toBe('\n');
    expect(await stays.app.get(`${stays.prefix}key`)).toBe('stays');
    await expect(gone.app.get(`${gone.prefix}key`)).rejects.toThrow();
    await expect(logIn(gone.url)).rejects.toThrow(/WRONGPASS/);
  });

  test('what an app gives to RESTORE is looked into before it is taken, as all share the server', async () => {
    await login('harmless');
    expect(await administer(['CONFIG', 'GET', 'sanitize-dump-payload'])).toContain('clients');
  });

  const login = async (name: string) => {
    const world = the();
    const exists = (await world.addons.apps()).includes(name);
    const url = exists ? await world.release(name) : await world.app(name);
    return { url, app: await logIn(url), prefix: `${await world.idOf(name)}:` };
  };

  const administer = async (words: string[]) => {
    const data = the().data;
    const [, , , host = '', port = ''] = readFileSync(join(data, 'servers/server/running'), 'utf8').trim().split(' ');
    const password = readFileSync(join(data, 'admin'), 'utf8').trim();
    return spawnSync('redis-cli', ['--user', 'admin', '-h', host, '-p', port, ...words], {
      encoding: 'utf8',
      env: { ...process.env, REDISCLI_AUTH: password },
    }).stdout;
  };

  const plainServer = async () => {
    const directory = join(the().home, 'plain');
    mkdirSync(directory);
    const words = ['--port', '0', '--unixsocket', join(directory, 'sock'), '--save', ''];
    const server = spawn('redis-server', words, { cwd: directory, stdio: 'ignore' });
    onTestFinished(() => void server.kill('SIGKILL'));
    while (spawnSync('redis-cli', ['-s', join(directory, 'sock'), 'PING'], { encoding: 'utf8' }).stdout !== 'PONG\n') {
      await pause(20);
    }
    return join(directory, 'sock');
  };
});

const HEAD = ['ECHO', 'keys of the redis add-on'];

/** As Redis reads them. */
const command = (...commands: string[][]) =>
  Buffer.from(
    commands
      .map((words) => `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`)
      .join(''),
  );
