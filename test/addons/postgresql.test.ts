import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { failure } from '../operations/world.ts';
import { needs } from '../require.ts';
import { isLetIn, withLogin } from '../servers/clients.ts';
import { where } from '../servers/where.ts';
import { type ServerWorld, serverWorld } from '../servers/world.ts';

/** An address of this machine that others reach, too; '' if it has none. */
const OUTER =
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '';

const ask = (url: string, statement: string) => withLogin(url, (login) => login.ask(statement));

describe.skipIf(!needs('root', 'postgres'))('postgresql on the host', () => {
  let world: ServerWorld;
  beforeAll(async () => {
    world = serverWorld({ addon: 'postgresql', settings: { server: 'host', connection_limit: 3 } });
    await world.addons.enable('postgresql');
  });
  afterEach(() => world.deleteApps());
  afterAll(() => world.close());

  test('the URL names login, address and database of the id, which shows the app and fits the server', async () => {
    const url = await world.app(`shop-${'x'.repeat(50)}`);
    const id = await world.idOf(`shop-${'x'.repeat(50)}`);
    expect(id).toMatch(/^shop_x+_[a-z0-9]{20}$/);
    expect(id).toHaveLength(55);
    expect(url).toMatch(new RegExp(`^postgres://${id}_a:a[0-9a-f]{40}@127\\.0\\.0\\.1:[0-9]+/${id}$`));
  });

  test('an app whose name begins with a digit gets names that begin with a letter', async () => {
    await world.app('3d');
    expect(await world.idOf('3d')).toMatch(/^a3d?_/);
  });

  test('what one login made the other one changes: all of it belongs to one owner', async () => {
    const first = await world.app('shop');
    await ask(first, 'CREATE TABLE things (name text)');
    await world.addons.rotate('shop', 'postgresql');
    const second = await world.release('shop');
    expect(new URL(second).username).not.toBe(new URL(first).username);
    await ask(second, 'ALTER TABLE things ADD price int');
    await ask(second, 'CREATE TABLE more ()');
    await ask(first, 'DROP TABLE more');
    expect(await ask(first, 'SELECT current_user')).toContain(await world.idOf('shop'));
  });

  test('the database is UTF-8, its pages have checksums, and its schema public is the app’s', async () => {
    const url = await world.app('shop');
    expect(await ask(url, 'SHOW server_encoding')).toContain('UTF8');
    expect(await ask(url, 'SHOW data_checksums')).toContain('on');
    await ask(url, 'CREATE TABLE here ()');
    expect(await ask(url, "SELECT to_regclass('public.here')")).toContain('here');
  });

  test.each(['new', 'old'])(
    'an app that is %s has no more connections at a time than connection_limit',
    async (age) => {
      if (age === 'old') world.configure({ connection_limit: -1 });
      const url = await world.app('shop');
      world.configure({ connection_limit: 3 });
      if (age === 'old') await world.addons.enable('postgresql', { again: true });
      await withLogin(url, () =>
        withLogin(url, () =>
          withLogin(url, async () => {
            await expect(ask(url, 'SELECT 1')).rejects.toThrow('too many connections for role');
          }),
        ),
      );
    },
  );

  test('whatever an app says of its own database, it is listed and goes', async () => {
    const url = await world.app('shop');
    const id = await world.idOf('shop');
    await expect(ask(url, `COMMENT ON ROLE ${id} IS 'mine'`)).rejects.toThrow('CREATEROLE');
    await ask(url, `COMMENT ON DATABASE ${id} IS 'mine'`);
    await ask(url, `ALTER DATABASE ${id} IS_TEMPLATE true`);
    await ask(url, `ALTER DATABASE ${id} SET default_transaction_read_only = on`);
    expect(await world.ids()).toEqual([id]);
    await world.addons.remove('shop', 'postgresql');
    expect(await world.ids()).toEqual([]);
  });

  test('an app that another one gave rights to can be removed', async () => {
    const url = await world.app('shop');
    const blog = await world.app('blog');
    const [id, other] = [await world.idOf('shop'), await world.idOf('blog')];
    await ask(url, 'CREATE TABLE open AS SELECT 42 AS answer');
    await ask(url, `GRANT SELECT ON open TO ${other}`);
    await ask(url, `GRANT CONNECT ON DATABASE ${id} TO ${other}`);
    const shared = Object.assign(new URL(blog), { pathname: `/${id}` }).href;
    expect(await ask(shared, 'SELECT answer FROM open')).toContain('42');
    await world.addons.remove('blog', 'postgresql');
    expect(await world.ids()).toEqual([id]);
    expect(await ask(url, 'SELECT answer FROM open')).toContain('42');
  });

  test('a database that it did not make is left alone, and said how to have it removed', async () => {
    for (const id of ['postgres', 'template1']) {
      const { status, stderr } = await world.run('unprovision', [id], 'foreign');
      expect(status).toBe(1);
      expect(stderr).toMatch(/was not made by this installation.*COMMENT ON ROLE/s);
    }
    for (const id of ['', 'a b', "a'b", 'a"b', '../a', 'A']) {
      for (const script of ['unprovision', 'url', 'dump', 'restore', 'rotate']) {
        const { status, stderr } = await world.run(script, [id, 'private'], 'foreign');
        expect({ script, id, status, stderr }).toMatchObject({
          status: 1,
          stderr: expect.stringContaining('is not an id'),
        });
      }
    }
  });

  test('a password adopted by hand is encoded in the URL', async () => {
    await world.app('shop');
    const { stdout } = await world.run('url', [await world.idOf('shop'), "p@ss:w/rd?#%'é"], 'url');
    expect(stdout).toMatch(/^postgres:\/\/shop_\w+_a:p%40ss%3Aw%2Frd%3F%23%25%27%C3%A9@/);
  });

  test('what it did not make gets no login, and is neither read nor replaced', async () => {
    const url = await world.app('shop');
    for (const script of ['rotate', 'dump', 'restore']) {
      const { status, stdout, stderr } = await world.run(script, ['postgres', 'private'], 'foreign');
      expect({ script, status, stdout }).toEqual({ script, status: 1, stdout: '' });
      expect(stderr).toContain('was not made by this installation');
    }
    expect(await ask(url, "SELECT rolname FROM pg_roles WHERE rolname LIKE 'postgres%'")).toBe('postgres');
  });

  test('what an administrator has made is not taken along by disable, which names it', async () => {
    const url = new URL(await world.app('shop'));
    await world.deleteApps();
    const password = readFileSync(join(world.data, 'admin'), 'utf8').trim();
    const admin = Object.assign(url, { username: 'postgres', password, pathname: '/postgres' }).href;
    await ask(admin, 'CREATE DATABASE accounts');
    const { status, stderr } = await world.run('disable', [], 'op1');
    expect([status, stderr]).toEqual([1, expect.stringContaining('\naccounts\n')]);
    await ask(admin, 'DROP DATABASE accounts');
  });

  where(OUTER !== '')('apps come in at the address that the setting listen names', async () => {
    await world.app('shop');
    world.configure({ listen: OUTER });
    await world.addons.enable('postgresql', { again: true });
    const moved = new URL(await world.release('shop'));
    expect(moved.hostname).toBe(OUTER);
    expect(await isLetIn(moved.href)).toBe(true);
    world.configure({ listen: '127.0.0.1' });
    await world.addons.enable('postgresql', { again: true });
    expect(await isLetIn(await world.release('shop'))).toBe(true);
  });

  test('passwords are in no log of the server, also when it logs all statements', async () => {
    const url = await world.app('shop');
    const admin = readFileSync(join(world.data, 'admin'), 'utf8').trim();
    const asAdmin = Object.assign(new URL(url), { username: 'postgres', password: admin, pathname: '/postgres' }).href;
    await ask(asAdmin, "ALTER SYSTEM SET log_statement = 'all'");
    await ask(asAdmin, 'SELECT pg_reload_conf()');
    await world.app('blog');
    await world.addons.rotate('blog', 'postgresql');
    await ask(asAdmin, 'ALTER SYSTEM RESET log_statement');
    await ask(asAdmin, 'SELECT pg_reload_conf()');
    const lines: string[] = [];
    for await (const { text } of world.addons.logs('postgresql', { lines: 10_000 })) lines.push(text);
    const log = lines.join('\n');
    expect(log).toContain('pg_reload_conf'); // it did log
    expect(log).not.toMatch(/PASSWORD/i);
    expect(log).not.toContain(world.privateOf('blog'));
  });

  test.each([
    [{ shared_buffers: 'much' }, 'shared_buffers'],
    [{ max_connections: 'all' }, 'max_connections'],
    [{ connection_limit: -2 }, 'connection_limit'],
    [{ listen: '0.0.0.0' }, 'listen'],
    [{ listen: '127.0.0.1,127.0.0.2' }, 'listen'],
  ])('enable refuses %j and names it', async (settings, name) => {
    const before = world.settings();
    world.configure(settings);
    expect((await failure(world.addons.enable('postgresql', { again: true }))).details.stderr).toContain(name);
    world.configure({ shared_buffers: '', max_connections: '', connection_limit: 3, listen: '127.0.0.1', ...before });
  });

  test('max_connections and shared_buffers are those of the settings, and default when taken out', async () => {
    const url = await world.app('shop');
    world.configure({ max_connections: '57', shared_buffers: '24MB' });
    await world.addons.enable('postgresql', { again: true });
    expect(await ask(url, 'SHOW max_connections')).toContain('57');
    expect(await ask(url, 'SHOW shared_buffers')).toContain('24MB');
    world.configure({ max_connections: '', shared_buffers: '' });
    await world.addons.enable('postgresql', { again: true });
    expect(await ask(url, 'SHOW max_connections')).toContain('100');
    expect(await ask(url, 'SHOW shared_buffers')).toContain('128MB');
  });

  test('a lock file that the old server left, with a pid of somebody else since, keeps nothing from starting', async () => {
    const url = await world.app('shop');
    const [server = ''] = world.servers();
    const pid = Number(readFileSync(join(server, 'pid'), 'utf8').split(' ')[1]);
    process.kill(pid, 'SIGKILL');
    // This is the pid of a process that lives and is older than any boot could be after it.
    const user = execFileSync('stat', ['-c', '%u:%g', join(server, 'data')], { encoding: 'utf8' }).trim();
    execFileSync('sh', [
      '-c',
      `cd "$0" && echo ${process.pid} >postmaster.pid && chown ${user} postmaster.pid && touch -d '2001-01-01' postmaster.pid`,
      join(server, 'data'),
    ]);
    expect(await world.release('shop')).toBe(url);
    expect(await isLetIn(url)).toBe(true);
  });
});
