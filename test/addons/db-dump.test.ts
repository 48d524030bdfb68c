import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  dumpOf,
  enabled,
  fileOf,
  hasSqlite3,
  home,
  killGroup,
  manyRows,
  modesIn,
  programs,
  provision,
  query,
  ROOT,
  restore,
  run,
  shell,
  sql,
  start,
  success,
  until,
} from './db.ts';

describe.skipIf(!hasSqlite3)('dump and restore', () => {
  test('bring back the data of a moment, in another database too', () => {
    const data = enabled("quo'te and space");
    const [id, other] = [provision(data, 'shop', 'op-1'), provision(data, 'blog', 'op-2')];
    sql(data, id, "CREATE TABLE t(x); INSERT INTO t VALUES('old')");
    const dump = dumpOf(data, id);
    sql(data, id, "UPDATE t SET x = 'new'");
    for (const each of [id, other]) {
      expect(restore(data, each, dump)).toEqual(success(''));
      expect(sql(data, each, 'SELECT x FROM t')).toBe('old');
      expect(readdirSync(join(data, 'databases', each))).toEqual(['database.sqlite']);
    }
  });

  test('a database that was never written can be dumped and restored', () => {
    const data = enabled();
    const id = provision(data, 'shop', 'op-1');
    const dump = dumpOf(data, id);
    expect(dump.length).toBeGreaterThan(0);
    sql(data, id, 'CREATE TABLE t(x)');
    expect(restore(data, id, dump).status).toBe(0);
    expect(sql(data, id, 'SELECT count(*) FROM sqlite_master')).toBe('0');
  });

  for (const mode of ['DELETE', 'WAL']) {
    test(`a dump beside a live writer is consistent, journal mode ${mode}`, async () => {
      const data = enabled();
      const id = provision(data, 'shop', 'op-1');
      const rows = manyRows(2000);
      sql(data, id, `PRAGMA journal_mode = ${mode}; CREATE TABLE account(balance, name, filler)`);
      sql(data, id, `INSERT INTO account SELECT 100, * FROM (${rows})`);
      const give = 'UPDATE account SET balance = balance - 1 WHERE name = 1';
      const take = 'UPDATE account SET balance = balance + 1 WHERE name = 2000';
      const loop = `while :; do echo "BEGIN IMMEDIATE; ${give}; ${take}; COMMIT;"; done | sqlite3 -cmd '.timeout 20000' database.sqlite`;
      const writer = spawn('sh', ['-c', loop], { cwd: join(data, 'databases', id), detached: true, stdio: 'ignore' });
      try {
        for (let round = 0; round < 3; round++) {
          const moved = () => Number(sql(data, id, 'SELECT 100 - balance FROM account WHERE name = 1'));
          const before = moved();
          await until(() => moved() > before);
          const dump = join(home, 'dump');
          writeFileSync(dump, dumpOf(data, id));
          expect(query(dump, 'PRAGMA integrity_check')).toBe('ok');
          expect(query(dump, 'SELECT sum(balance) FROM account')).toBe('200000');
          expect(Number(query(dump, 'SELECT 100 - balance FROM account WHERE name = 1'))).toBeGreaterThan(before);
        }
      } finally {
        await killGroup(writer);
      }
    });
  }

  const damages: [string, (dump: Buffer) => Buffer][] = [
    ['an empty file', () => Buffer.alloc(0)],
    ['something else', () => Buffer.from('CREATE TABLE t(x);\n'.repeat(1000))],
    ['a dump cut within its header', (dump) => dump.subarray(0, 50)],
    ['a dump cut between pages', (dump) => dump.subarray(0, dump.length - 4096)],
    ['a dump cut within its last page', (dump) => dump.subarray(0, dump.length - 1)],
    ['a dump with a page overwritten', (dump) => Buffer.from(dump).fill(0xab, 4096, 2 * 4096)],
  ];
  test.for(damages)('restore refuses %s and keeps the data', ([, damage]) => {
    const data = enabled();
    const id = provision(data, 'shop', 'op-1');
    sql(data, id, "CREATE TABLE t(x); INSERT INTO t VALUES('old')");
    const dump = dumpOf(data, id);
    sql(data, id, "UPDATE t SET x = 'new'");
    const before = readFileSync(fileOf(data, id));
    const outcome = restore(data, id, damage(dump));
    expect(outcome.status).not.toBe(0);
    expect(outcome.stderr).toContain('The data is unchanged.');
    expect(readFileSync(fileOf(data, id))).toEqual(before);
    expect(readdirSync(join(data, 'databases', id))).toEqual(['database.sqlite']);
  });

  test('restore brings a dump of another page size into a database in WAL mode', () => {
    const data = enabled();
    const [id, other] = [provision(data, 'shop', 'op-1'), provision(data, 'blog', 'op-2')];
    sql(data, id, "PRAGMA page_size = 1024; CREATE TABLE t(x); INSERT INTO t VALUES('small pages')");
    sql(data, other, 'PRAGMA journal_mode = WAL; CREATE TABLE u(x)');
    expect(restore(data, other, dumpOf(data, id))).toEqual(success(''));
    expect(sql(data, other, 'SELECT x FROM t; PRAGMA integrity_check')).toBe('small pages\nok');
  });

  test('restore fails, and keeps the data, while somebody holds a transaction for longer than it waits', async () => {
    const data = enabled();
    const id = provision(data, 'shop', 'op-1');
    sql(data, id, "CREATE TABLE t(x); INSERT INTO t VALUES('old')");
    const dump = dumpOf(data, id);
    sql(data, id, "UPDATE t SET x = 'new'");
    const reader = spawn('sqlite3', [fileOf(data, id)], { stdio: ['pipe', 'pipe', 'ignore'] });
    try {
      reader.stdin.write('BEGIN; SELECT x FROM t;\n');
      await once(reader.stdout, 'data');
      const outcome = restore(data, id, dump, { ADDON_CONFIG_WAIT: '0' });
      expect(outcome.status).not.toBe(0);
      expect(outcome.stderr).toMatch(/busy|locked/);
    } finally {
      reader.stdin.end('COMMIT;\n');
      await once(reader, 'exit');
    }
    expect(sql(data, id, 'SELECT x FROM t')).toBe('new');
  });

  for (const mode of ['DELETE', 'WAL']) {
    test(`restore killed at any moment leaves all of the old data or all of the new, journal mode ${mode}`, async () => {
      const data = enabled();
      const id = provision(data, 'shop', 'op-1');
      sql(data, id, `PRAGMA journal_mode = ${mode}; CREATE TABLE t(tag, i, filler)`);
      sql(data, id, `INSERT INTO t SELECT 'new', * FROM (${manyRows(3000)})`);
      const dump = join(home, 'dump');
      writeFileSync(dump, dumpOf(data, id));
      for (let round = 0; round < 12; round++) {
        sql(data, id, "UPDATE t SET tag = 'old'");
        const running = start(data, ['restore', id, ''], {}, dump);
        await sleep(round * 10);
        await killGroup(running);
        expect(sql(data, id, 'PRAGMA integrity_check; SELECT DISTINCT tag FROM t; SELECT count(*) FROM t')).toMatch(
          /^ok\n(old|new)\n3000$/,
        );
      }
      writeFileSync(dump, dumpOf(data, id));
      expect(readdirSync(join(data, 'databases', id)).filter((name) => name.startsWith('.'))).toEqual([]);
    });
  }

  test.for(['dump', 'restore'])('%s removes the copies of killed runs, not those of running ones', (script) => {
    const data = enabled();
    const id = provision(data, 'shop', 'op-1');
    sql(data, id, 'CREATE TABLE t(x)');
    const dump = dumpOf(data, id);
    const dead = spawnSync('true').pid;
    for (const copy of [`.dump.${dead}`, `.restore.${dead}`, `.dump.${process.pid}`]) {
      mkdirSync(join(data, 'databases', id, copy));
    }
    expect(run(data, script, [id, ''], {}, dump).status).toBe(0);
    expect(readdirSync(join(data, 'databases', id)).sort()).toEqual([`.dump.${process.pid}`, 'database.sqlite']);
  });

  test('dump and restore leave private files only, under umask 000', () => {
    const data = enabled();
    const id = provision(data, 'shop', 'op-1');
    sql(data, id, 'CREATE TABLE t(x)');
    writeFileSync(join(home, 'dump'), dumpOf(data, id));
    rmSync(fileOf(data, id));
    expect(shell(data, `umask 000; "${ROOT}/restore" ${id} '' <"${home}/dump"`).status).toBe(0);
    expect(modesIn(join(data, 'databases', id))).toEqual({ '.': '700', 'database.sqlite': '600' });
    expect(sql(data, id, 'SELECT count(*) FROM t')).toBe('0');
  });
});

describe('without the program sqlite3', () => {
  test.for(['dump', 'restore'])('%s says how to get it, and does nothing', (script) => {
    const data = enabled();
    const id = provision(data, 'shop', 'op-1');
    writeFileSync(fileOf(data, id), 'kept');
    const outcome = run(data, script, [id, ''], {
      PATH: programs('od', 'tr', 'mkdir', 'mv', 'rm', 'cat', 'sync', 'wc'),
    });
    expect(outcome).toMatchObject({ status: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/needs the program sqlite3.*apt-get install sqlite3/);
    expect(readFileSync(fileOf(data, id), 'utf8')).toBe('kept');
    expect(readdirSync(join(data, 'databases', id))).toEqual(['database.sqlite']);
  });
});
