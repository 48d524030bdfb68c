import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mariadb';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { failure } from '../operations/world.ts';
import { canTry, openTrial, type Subject, type Trial } from '../servers/trial.ts';

const subject: Subject = { addon: 'mariadb', mode: 'host' };

describe.skipIf(!canTry(subject))('mariadb on this host', () => {
  let opened: Trial | undefined;
  const the = () => {
    if (!opened) throw new Error('enable failed');
    return opened.world;
  };
  beforeAll(async () => {
    opened = await openTrial(subject);
  });
  afterAll(() => opened?.close());

  test('views, routines and triggers of one login work for the other, which may replace them', async () => {
    const world = the();
    const first = await login(await world.app('shop'));
    await first.query('CREATE TABLE sold (price int)');
    await first.query('CREATE VIEW cheap AS SELECT price FROM sold WHERE price < 10');
    await first.query('CREATE PROCEDURE sell(p int) INSERT INTO sold VALUES (p)');
    await first.query('CREATE TRIGGER doubled BEFORE INSERT ON sold FOR EACH ROW SET NEW.price = NEW.price * 2');
    await world.addons.rotate('shop', 'mariadb');
    const second = await login(await world.release('shop'));
    await second.query('CALL sell(2)');
    expect(await second.query('SELECT price FROM cheap')).toEqual([{ price: 4 }]);
    expect(await who(second)).not.toBe(await who(first));
    await second.query('DROP TRIGGER doubled');
    await second.query('CREATE OR REPLACE VIEW cheap AS SELECT count(*) AS price FROM sold');
    await second.query('DROP PROCEDURE sell');
    await second.query('ALTER TABLE sold ADD name text');
    expect(await first.query('SELECT price FROM cheap')).toEqual([{ price: 1n }]);
  });

  test('an address that this host does not have is refused, and enable with the right one mends it', async () => {
    const world = the();
    const url = await world.app('blog');
    world.configure({ listen: '192.0.2.7' });
    const { details } = await failure(world.addons.enable('mariadb', { again: true }));
    expect(details.stderr).toContain('Nobody can connect to listen = "192.0.2.7"');
    world.configure({ listen: '127.0.0.1' });
    await world.addons.enable('mariadb', { again: true });
    expect(await world.release('blog')).toBe(url);
    await (await login(url)).end();
  });

  test('an app may drop and create its own database, and none whose name looks alike', async () => {
    const world = the();
    const app = await login(await world.app('again'));
    const id = await world.idOf('again');
    await app.query(`DROP DATABASE ${id}`);
    await app.query(`CREATE DATABASE ${id}`);
    await app.query(`CREATE TABLE ${id}.fresh (a int)`);
    expect(await world.ids()).toContain(id);
    await expect(app.query(`CREATE DATABASE ${id.replace('_', 'x')}`)).rejects.toThrow(/denied/);
    await expect(app.query(`CREATE DATABASE ${id}_new`)).rejects.toThrow(/denied/);
  });

  test('names of apps that the server would not take as they are', async () => {
    const world = the();
    for (const name of ['0', '1-2.3', 'a'.repeat(63)]) {
      const app = await login(await world.app(name));
      expect(await app.query('SELECT database() AS name')).toEqual([{ name: await world.idOf(name) }]);
    }
  });

  test('a database that another made is not dropped, whatever id unprovision is told', async () => {
    const world = the();
    const { status, stderr } = await world.run('unprovision', ['mysql'], 'op1');
    expect(status).toBe(1);
    expect(stderr).toContain('was not made by this installation');
    expect((await world.run('unprovision', ['never_was'], 'op2')).status).toBe(0);
  });

  test('nobody gets in without a password, and there is no database "test"', async () => {
    const { hostname: host, port } = new URL(await the().app('closed'));
    for (const user of ['', 'root', 'mysql', 'test']) {
      const attempt = createConnection({ host, port: Number(port), user, connectTimeout: 5000 });
      await expect(attempt).rejects.toThrow(/denied/);
    }
  });

  test('what an administrator has made is not taken along by disable, which names it', async () => {
    const world = the();
    await world.deleteApps();
    const [server = ''] = world.servers();
    const password = readFileSync(join(world.data, 'admin'), 'utf8').trim();
    const root = await createConnection({ socketPath: join(server, 'data/server.sock'), user: 'root', password });
    onTestFinished(() => root.destroy());
    await root.query('CREATE DATABASE accounts');
    const { status, stderr } = await world.run('disable', [], 'op1');
    expect([status, stderr]).toEqual([1, expect.stringContaining('\naccounts\n')]);
    await root.query('DROP DATABASE accounts');
  });

  test('every setting reaches the server or the login', async () => {
    const world = the();
    world.configure({
      scheme: 'mariadb',
      character_set: 'latin1',
      user_connection_limit: 2,
      max_connections: 33,
      innodb_buffer_pool_size: '64M',
    });
    onTestFinished(async () => {
      world.configure({ scheme: 'mysql', character_set: 'utf8mb4', user_connection_limit: 0 });
      await world.addons.enable('mariadb', { again: true });
    });
    await world.addons.enable('mariadb', { again: true });
    const url = await world.app('tuned');
    expect(url).toMatch(/^mariadb:/);
    const app = await login(url);
    expect(
      await app.query(
        `SELECT @@max_connections AS connections, @@innodb_buffer_pool_size AS pool, @@character_set_database AS set_of_it,
         @@max_user_connections AS mine`,
      ),
    ).toEqual([{ connections: 33n, pool: 67108864n, set_of_it: 'latin1', mine: 2n }]);
    await login(url);
    await expect(login(url)).rejects.toThrow(/max_user_connections/);
  });

  test('a setting that is no plain word is refused, with the file that it stands in', async () => {
    const world = the();
    world.configure({ character_set: 'utf8mb4; DROP DATABASE mysql' });
    onTestFinished(() => world.configure({ character_set: 'utf8mb4' }));
    const error = await failure(world.addons.enable('mariadb', { again: true }));
    expect(`${error.message} ${error.details.stderr}`).toMatch(/character_set.*mariadb\.toml/s);
  });
});

async function login(url: string) {
  const connection = await createConnection(`${url.replace(/^\w+:/, 'mariadb:')}?connectTimeout=5000`);
  connection.on('error', () => {});
  onTestFinished(() => connection.destroy());
  return connection;
}

async function who(connection: Awaited<ReturnType<typeof login>>) {
  const [row] = await connection.query<{ me: string }[]>('SELECT current_user() AS me');
  return row?.me;
}
