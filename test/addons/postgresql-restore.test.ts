import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SCRIPT_PATH } from '../../lib/scripts/environment.ts';
import { send } from '../../lib/scripts/processes.ts';
import { failure } from '../operations/world.ts';
import { needs, postgresPrograms } from '../require.ts';
import { withLogin } from '../servers/clients.ts';
import { type ServerWorld, serverWorld } from '../servers/world.ts';

const ask = (url: string, statement: string) => withLogin(url, (login) => login.ask(statement));

describe.skipIf(!needs('root', 'postgres'))('dump and restore of postgresql', () => {
  let world: ServerWorld;
  beforeAll(async () => {
    world = serverWorld({ addon: 'postgresql', settings: { server: 'host' } });
    await world.addons.enable('postgresql');
  });
  afterEach(() => world.deleteApps());
  afterAll(() => world.close());

  /** The administrator's URL of an app's database. */
  const asAdmin = (url: string, pathname = new URL(url).pathname) => {
    const password = readFileSync(join(world.data, 'admin'), 'utf8').trim();
    return Object.assign(new URL(url), { username: 'postgres', password, pathname }).href;
  };
  const databases = async (url: string) =>
    (await ask(asAdmin(url, '/postgres'), 'SELECT datname FROM pg_database ORDER BY 1')).split('\n');
  const roles = async (url: string) =>
    (
      await ask(asAdmin(url, '/postgres'), "SELECT rolname FROM pg_roles WHERE rolname NOT LIKE 'pg%' ORDER BY 1")
    ).split('\n');
  const superusers = (url: string) => ask(asAdmin(url, '/postgres'), 'SELECT rolname FROM pg_roles WHERE rolsuper');
  const pgDump = (url: string, ...options: string[]) =>
    world.file(execFileSync(join(postgresPrograms()[0] ?? '', 'pg_dump'), [...options, url]));

  test('a dump is what pg_restore takes, and comes back with all kinds of things, owned by the app', async () => {
    const url = await world.app('shop');
    await ask(url, 'CREATE SCHEMA inner_part');
    await ask(url, 'CREATE EXTENSION citext');
    await ask(url, 'CREATE TABLE inner_part.things (id serial PRIMARY KEY, name citext UNIQUE, photo oid)');
    await ask(url, "COMMENT ON TABLE inner_part.things IS 'what there is'");
    await ask(url, "INSERT INTO inner_part.things (name, photo) VALUES ('Ä''x', lo_from_bytea(0, '\\xff00'))");
    await ask(url, 'CREATE VIEW names AS SELECT name FROM inner_part.things');
    await ask(url, "CREATE FUNCTION one() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'");
    const file = await world.dump('shop');
    expect(readFileSync(file).toString('latin1', 0, 5)).toBe('PGDMP');

    const other = await world.app('blog');
    await world.addons.restore('blog', 'postgresql', { file });
    expect(await ask(other, "SELECT name FROM names WHERE name = 'Ä''X'")).toContain("Ä'x");
    expect(await ask(other, 'SELECT lo_get(photo) FROM inner_part.things')).toBeTruthy();
    expect(await ask(other, 'SELECT one()')).toContain('1');
    const owners =
      'SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace::regnamespace::text !~ $$^pg_|^info$$';
    expect(await ask(other, owners)).toBe(await ask(other, 'SELECT current_user'));
    await ask(other, 'ALTER TABLE inner_part.things ADD price int');
  });

  test('what ALTER DATABASE has set stays set', async () => {
    const url = await world.app('shop');
    const id = await world.idOf('shop');
    await ask(url, `ALTER DATABASE ${id} SET search_path = 'a part', public`);
    await ask(url, `ALTER DATABASE ${id} SET datestyle = 'German, DMY'`);
    const before = [await ask(url, 'SHOW search_path'), await ask(url, 'SHOW datestyle')];
    await world.addons.restore('shop', 'postgresql', { file: await world.dump('shop') });
    expect([await ask(url, 'SHOW search_path'), await ask(url, 'SHOW datestyle')]).toEqual(before);
  });

  test('an extension that only an administrator may make is there again', async () => {
    const url = await world.app('shop');
    await ask(asAdmin(url), 'CREATE EXTENSION dblink');
    await ask(url, 'CREATE TABLE kept ()');
    await world.addons.restore('shop', 'postgresql', { file: await world.dump('shop') });
    expect(await ask(url, 'SELECT extname FROM pg_extension')).toContain('dblink');
    expect(await ask(url, "SELECT to_regclass('kept')")).toContain('kept');
  });

  test('also where it stands in a schema of its own, whoever that belongs to', async () => {
    const url = await world.app('shop');
    await ask(url, 'CREATE SCHEMA "own tools"');
    await ask(asAdmin(url), 'CREATE EXTENSION dblink SCHEMA "own tools"');
    await ask(asAdmin(url), 'CREATE SCHEMA theirs');
    await ask(asAdmin(url), 'CREATE EXTENSION file_fdw SCHEMA theirs');
    await ask(url, `CREATE VIEW far AS SELECT * FROM "own tools".dblink('', '') AS t (a int)`);
    const standing = 'SELECT extname, extnamespace::regnamespace FROM pg_extension ORDER BY 1';
    const before = await ask(url, standing);
    await world.addons.restore('shop', 'postgresql', { file: await world.dump('shop') });
    expect(await ask(url, standing)).toBe(before);
    expect(await ask(url, "SELECT to_regclass('far')")).toContain('far');
  });

  test('a schema whose name reads like statements is not run by an administrator', async () => {
    const url = await world.app('shop');
    const id = await world.idOf('shop');
    await ask(url, 'CREATE SCHEMA tools');
    await ask(asAdmin(url), 'CREATE EXTENSION dblink SCHEMA tools');
    await ask(url, `ALTER SCHEMA tools RENAME TO "x\nALTER ROLE ${id}_a SUPERUSER; --"`);
    await failure(world.addons.restore('shop', 'postgresql', { file: await world.dump('shop') }));
    expect(await superusers(url)).toBe('postgres');
  });

  test('an app that names functions like those of the server makes nobody call them as administrator', async () => {
    const url = await world.app('shop');
    const id = await world.idOf('shop');
    await ask(url, 'CREATE SCHEMA trap');
    const calls = [
      'format(text, text, text)',
      'format(text, text)',
      'split_part(text, text, int)',
      'substr(text, int)',
    ];
    const body = `BEGIN EXECUTE 'ALTER ROLE ${id}_a SUPERUSER'; RETURN 'SELECT 1'; END`;
    for (const call of calls)
      await ask(url, `CREATE FUNCTION trap.${call} RETURNS text LANGUAGE plpgsql AS $$${body}$$`);
    await ask(url, `ALTER DATABASE ${id} SET search_path = trap, pg_catalog`);
    await ask(url, `ALTER DATABASE ${id} SET work_mem = '5MB'`);
    await world.addons.restore('shop', 'postgresql', { file: await world.dump('shop') });
    expect(await superusers(url)).toBe('postgres');
    expect([await ask(url, 'SHOW search_path'), await ask(url, 'SHOW work_mem')]).toEqual(['trap, pg_catalog', '5MB']);
  });

  test('a dump gets no more rights than the app has', async () => {
    const url = await world.app('shop');
    const blog = await world.app('blog');
    await ask(asAdmin(url), "CREATE FUNCTION getpid() RETURNS int LANGUAGE internal AS 'pg_backend_pid'");
    const file = await world.dump('shop');
    await ask(blog, 'CREATE TABLE kept ()');
    const { stderr } = (await failure(world.addons.restore('blog', 'postgresql', { file }))).details;
    expect(stderr).toMatch(/permission denied for language internal.*The data is unchanged/s);
    expect(await ask(blog, "SELECT to_regclass('kept')")).toContain('kept');
    expect(await databases(url)).toHaveLength(5);
  });

  test.each(['plain', 'tar'])('a dump in the format %s is refused or restored, never half', async (format) => {
    const url = await world.app('shop');
    await ask(url, 'CREATE TABLE kept ()');
    const file = pgDump(url, `--format=${format}`);
    await ask(url, 'CREATE TABLE later ()');
    const call = world.addons.restore('shop', 'postgresql', { file });
    if (format === 'plain') {
      expect((await failure(call)).details.stderr).toContain('custom format');
      expect(await ask(url, "SELECT to_regclass('later')")).toContain('later');
    } else {
      await call;
      expect(await ask(url, "SELECT to_regclass('later')")).toContain('null');
      expect(await ask(url, "SELECT to_regclass('kept')")).toContain('kept');
    }
  });

  test('killed at any moment it leaves the database whole and open; run again it ends, and nothing is left over', async () => {
    const url = await world.app('shop');
    await ask(url, 'CREATE TABLE things AS SELECT g FROM generate_series(1, 5) g');
    const file = await world.dump('shop');
    await ask(url, 'DELETE FROM things');
    const args = [await world.idOf('shop'), world.privateOf('shop')];
    const start = () => {
      const env = { ...world.environment('restore'), PATH: SCRIPT_PATH };
      const child = spawn(join(world.addons.platform.addonRoot('postgresql'), 'restore'), args, {
        env,
        detached: true,
        stdio: [openSync(file, 'r'), 'ignore', 'ignore'],
      });
      return { pid: child.pid ?? 0, ended: once(child, 'close') };
    };
    const began = Date.now();
    await start().ended;
    const duration = Date.now() - began;
    for (const share of [0.2, 0.4, 0.55, 0.7, 0.85]) {
      await patiently(() => ask(url, 'DELETE FROM things'));
      const run = start();
      await pause(duration * share);
      send('SIGKILL', -run.pid);
      await run.ended;
      expect(['0', '5']).toContain(await patiently(() => ask(url, 'SELECT count(*) FROM things')));
    }
    await world.addons.restore('shop', 'postgresql', { file });
    expect(await ask(url, 'SELECT count(*) FROM things')).toContain('5');
    expect(await databases(url)).toEqual(['postgres', args[0], 'template0', 'template1']);
    expect(await roles(url)).toEqual(['postgres', args[0], `${args[0]}_a`]);
    expect(readdirSync(world.data).filter((name) => name.startsWith('.restore'))).toEqual([]);
  });

  test('a second restore of the same app is refused while the first is under way', async () => {
    const url = await world.app('shop');
    await ask(url, 'CREATE TABLE kept ()');
    const file = await world.dump('shop');
    const both = [1, 2].map(() => world.addons.restore('shop', 'postgresql', { file }));
    const ends = await Promise.allSettled(both);
    const refused = ends.filter((end) => end.status === 'rejected').map((end) => String(end.reason));
    expect(refused.length).toBeLessThan(2);
    for (const reason of refused) expect(reason).toContain('Another restore of');
    expect(await ask(url, "SELECT to_regclass('kept')")).toContain('kept');
  });
});

/** The server may still be ending sessions, for it takes a moment until it sees that who asked for that was killed. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!/terminating connection|Connection terminated/.test(String(error))) throw error;
    }
  }
}
