import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mariadb';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { failure } from '../operations/world.ts';
import { canTry, openTrial, type Subject, type Trial } from '../servers/trial.ts';
import { where } from '../servers/where.ts';
import type { ServerWorld } from '../servers/world.ts';

const SHOP = [
  'CREATE TABLE owner (id int PRIMARY KEY AUTO_INCREMENT, name varchar(99), photo longblob)',
  'CREATE TABLE pet (id int PRIMARY KEY, owner int, FOREIGN KEY (owner) REFERENCES owner (id) ON DELETE CASCADE)',
  "INSERT INTO owner (name, photo) VALUES ('DEFINER=`root`@`%`', x'00ff0d0a1a27'), ('Zoë 🐈', repeat('x', 12000000))",
  'INSERT INTO pet VALUES (1, 1), (2, 2)',
  'CREATE FUNCTION answer() RETURNS int DETERMINISTIC RETURN 42',
  'CREATE VIEW `-names` AS SELECT o.name, answer() AS n FROM owner o JOIN pet p ON p.owner = o.id',
  'CREATE VIEW `a view of it` AS SELECT * FROM `-names`',
  'CREATE PROCEDURE adopt(i int) INSERT INTO pet VALUES (i, 1)',
  "CREATE TRIGGER shout BEFORE INSERT ON owner FOR EACH ROW SET NEW.name = CONCAT(NEW.name, '!')",
  'CREATE EVENT weekly ON SCHEDULE EVERY 1 WEEK DO DELETE FROM pet WHERE id = 99',
  'CREATE SEQUENCE numbers',
];

const OTHER = [
  'DROP TABLE pet',
  'CREATE TABLE later (a int)',
  'CREATE TRIGGER later_trigger BEFORE INSERT ON later FOR EACH ROW SET NEW.a = 1',
  'CREATE VIEW later_view AS SELECT * FROM later',
];

const MODES = ['host', 'docker'] as const;

describe.each(MODES.map((mode): Subject => ({ addon: 'mariadb', mode })))('mariadb, $mode', (subject) => {
  describe.skipIf(!canTry(subject))('restore', () => {
    let opened: Trial | undefined;
    const the = () => {
      if (!opened) throw new Error('enable failed');
      return opened.world;
    };
    beforeAll(async () => {
      opened = await openTrial(subject);
    });
    afterEach(() => opened?.world.deleteApps());
    afterAll(() => opened?.close());

    test('brings back all that a database can hold, as the app’s own, and nothing else', async () => {
      const world = the();
      await say(await world.app('shop'), SHOP);
      const dump = await world.dump('shop');
      await say(await world.release('shop'), OTHER);
      await world.addons.restore('shop', 'mariadb', { file: dump });
      expect(await world.dump('shop').then(textOf)).toBe(textOf(dump));
      const url = await world.release('shop');
      expect(await say(url, ['SELECT DISTINCT definer FROM information_schema.views'])).toEqual([
        { definer: `${new URL(url).username}@%` },
      ]);
      await say(url, ['CALL adopt(7)', 'DELETE FROM owner WHERE id = 1']);
      expect(await say(url, ['SELECT id FROM pet'])).toEqual([{ id: 2 }]);
      expect(await say(url, ['SHOW DATABASES'])).toHaveLength(2);
    });

    where(subject.mode !== 'docker')(
      'a dump that reaches out of its database is refused, and nothing is touched',
      async () => {
        const world = the();
        await say(await world.app('good'), ['CREATE TABLE kept (a int)']);
        await say(await world.app('shop'), ['CREATE TABLE kept (a int)']);
        const other = await world.idOf('good');
        const mark = join(world.home, 'shell');
        const end = '-- Dump completed';
        for (const line of [
          `DROP TABLE \`${other}\`.kept;`,
          `USE \`${other}\``,
          'CREATE USER intruder;',
          'CREATE DEFINER=root@localhost VIEW v AS SELECT * FROM mysql.global_priv;',
          `\\! touch ${mark}`,
          `system touch ${mark}`,
          // The client, which is root here, would read it.
          "LOAD DATA LOCAL INFILE '/etc/shadow' INTO TABLE bad;",
        ]) {
          const file = world.file(`-- MariaDB dump 10\nCREATE TABLE bad (a int);\n${line}\n;\n${end}\n`);
          await failure(world.addons.restore('shop', 'mariadb', { file }));
        }
        expect(existsSync(mark)).toBe(false);
        for (const app of ['good', 'shop']) {
          const tables = await say(await world.release(app), ['SHOW TABLES']);
          expect(tables.flatMap((row) => Object.values(row))).toEqual(['kept']);
        }
      },
    );

    test('killed where tables and views do not belong together, nobody sees it, and run again it is right', async () => {
      const world = the();
      const url = await world.app('shop');
      await say(url, SHOP);
      const dump = await world.dump('shop');
      await killWhenLocked(world, dump);
      await expect(say(url, ['SELECT 1'])).rejects.toThrow(/locked/);
      expect((await failure(world.addons.dump('shop', 'mariadb', { file: `${dump}-no` }))).details.stderr).toContain(
        'ended half-way',
      );
      // A dump that is refused is no reason to let anybody in, and neither is a new password.
      await failure(world.addons.restore('shop', 'mariadb', { file: world.file('') }));
      await world.addons.rotate('shop', 'mariadb');
      for (const one of [url, await world.release('shop')]) {
        await expect(say(one, ['SELECT 1'])).rejects.toThrow(/locked/);
      }
      await world.addons.restore('shop', 'mariadb', { file: dump });
      // All of it belongs to whoever of the two logged in to make it.
      const anybody = (text: string) => text.replace(/_[ab]`@/g, '`@');
      expect(anybody(await world.dump('shop').then(textOf))).toBe(anybody(textOf(dump)));
      expect(readdirSync(join(world.data, 'restores'))).toEqual([]);
    });

    where(subject.mode !== 'docker')('a server that soon ends idle sessions lets it end', async () => {
      const world = the();
      const url = await world.app('shop');
      const lines = ['CREATE TABLE a (a int);', 'CREATE VIEW v AS SELECT * FROM a;', 'DO SLEEP(2);'];
      const file = world.file(['-- MariaDB dump 10', ...lines, '-- Dump completed\n'].join('\n'));
      const root = await asAdmin(world);
      await root.query('SET GLOBAL wait_timeout = 1');
      try {
        await world.addons.restore('shop', 'mariadb', { file });
      } finally {
        const again = await asAdmin(world);
        await again.query('SET GLOBAL wait_timeout = DEFAULT');
      }
      expect(await say(url, ['SELECT * FROM v'])).toEqual([]);
    });

    where(subject.mode !== 'docker')('without views and triggers no connection is cut', async () => {
      const world = the();
      const url = await world.app('shop');
      await say(url, ['CREATE TABLE a (a int)', 'INSERT INTO a VALUES (1)']);
      const dump = await world.dump('shop');
      const connection = await login(url);
      await connection.query('UPDATE a SET a = 2');
      await world.addons.restore('shop', 'mariadb', { file: dump });
      expect(await connection.query('SELECT a FROM a')).toEqual([{ a: 1 }]);
    });
  });
});

/** Kills a restore and all it started while the app's logins are locked. A kill may come too late: then once more. */
async function killWhenLocked(world: ServerWorld, dump: string) {
  const url = await world.inEnv('shop');
  const environment = world.environment('none');
  const script = join(String(environment.ADDON_ROOT), 'restore');
  const args = [await world.idOf('shop'), world.privateOf('shop')];
  const isLocked = () =>
    say(url, ['SELECT 1']).then(
      () => false,
      (error) => String(error).includes('locked'),
    );
  do {
    await world.addons.restore('shop', 'mariadb', { file: dump });
    await say(url, OTHER);
    const input = openSync(dump, 'r');
    const child = spawn(script, args, { env: environment, detached: true, stdio: [input, 'ignore', 'ignore'] });
    closeSync(input);
    const ended = once(child, 'exit');
    while (child.exitCode === null && !(await isLocked()));
    if (child.exitCode === null) process.kill(-Number(child.pid), 'SIGKILL');
    await ended;
  } while (!(await isLocked()));
}

/** The administrator's own connection to a server of this host. */
async function asAdmin(world: ServerWorld) {
  const [server = ''] = world.servers();
  const password = readFileSync(join(world.data, 'admin'), 'utf8').trim();
  const connection = await createConnection({ socketPath: join(server, 'data/server.sock'), user: 'root', password });
  connection.on('error', () => {});
  onTestFinished(() => connection.destroy());
  return connection;
}

async function login(url: string) {
  const connection = await createConnection(`${url.replace(/^\w+:/, 'mariadb:')}?connectTimeout=5000`);
  connection.on('error', () => {});
  onTestFinished(() => connection.destroy());
  return connection;
}

/** Runs the statements and gives what the last one answered. */
async function say(url: string, statements: string[]): Promise<Record<string, unknown>[]> {
  const connection = await login(url);
  try {
    let answer: Record<string, unknown>[] = [];
    for (const statement of statements) answer = await connection.query(statement);
    return answer;
  } finally {
    await connection.end();
  }
}

const textOf = (path: string) => readFileSync(path, 'latin1');
