import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

// Its types name the module but not an ES default export; require gives what the types say.
const { Database }: typeof import('node-sqlite3-wasm') = createRequire(import.meta.url)('node-sqlite3-wasm');

const ROOT = fileURLToPath(new URL('../../addons/db', import.meta.url));
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const found = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const hasSqlite3 = found('sqlite3');

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'db-add-on-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

describe('the contract', () => {
  test('every script is an executable file', () => {
    for (const script of 'enable disable provision unprovision url dump restore list health'.split(' ')) {
      accessSync(join(ROOT, script), constants.X_OK);
      expect(statSync(join(ROOT, script)).isFile()).toBe(true);
    }
  });

  test('provision prints one line "id;" that names app and operation, and the database opens empty', () => {
    const data = enabled();
    expect(run(data, 'provision', ['shop'], { ADDONS_OP_ID: 'op-1' })).toEqual(success('shop-op-1;\n'));
    expect(list(data)).toEqual(['shop-op-1']);
    const file = fileOf(data, 'shop-op-1');
    expect(useAsApp(file)).toBe('written');
    expect(readFileSync(file).toString('latin1', 0, 15)).toBe('SQLite format 3');
  });

  test('two operations for one app get two databases', () => {
    const data = enabled();
    expect(provision(data, 'shop', 'op-1')).not.toBe(provision(data, 'shop', 'op-2'));
    expect(list(data)).toEqual(['shop-op-1', 'shop-op-2']);
  });

  test('the same operation run again gets the same database, with what is in it', () => {
    const data = enabled();
    const id = provision(data, 'shop', 'op-1');
    writeFileSync(fileOf(data, id), 'kept');
    expect(provision(data, 'shop', 'op-1')).toBe(id);
    expect(readFileSync(fileOf(data, id), 'utf8')).toBe('kept');
  });

  test('run by hand, without an operation, each provision gets an id of its own', () => {
    const data = enabled();
    const ids = [1, 2].map(() => run(data, 'provision', ['shop']).stdout);
    for (const id of ids) expect(id).toMatch(/^shop-[0-9a-f]{16};\n$/);
    expect(new Set(ids).size).toBe(2);
  });

  test('unprovision deletes the database and what SQLite keeps beside it, and succeeds again', () => {
    const data = enabled();
    const id = provision(data, 'shop', 'op-1');
    const other = provision(data, 'blog', 'op-2');
    writeFileSync(`${fileOf(data, id)}-wal`, 'log');
    for (let time = 0; time < 2; time++) {
      expect(run(data, 'unprovision', [id])).toEqual(success(''));
      expect(everythingIn(data)).toEqual([other]);
    }
  });

  test('enable and disable may be run again, and leave the marker to the tool', () => {
    const data = enabled();
    expect(run(data, 'enable')).toEqual(success(''));
    expect(existsSync(join(data, 'enabled'))).toBe(false);
    writeFileSync(join(data, 'enabled'), '');
    for (let time = 0; time < 2; time++) expect(run(data, 'disable')).toEqual(success(''));
    expect(readdirSync(data)).toEqual(['enabled']);
  });

  test('disable refuses while a database exists, and names it', () => {
    const data = enabled();
    const id = provision(data, 'shop', 'op-1');
    const outcome = run(data, 'disable');
    expect(outcome.status).not.toBe(0);
    expect(outcome.stderr).toContain(id);
    expect(list(data)).toEqual([id]);
  });

  test('provision before enable fails and leaves nothing', () => {
    const data = freshData();
    const outcome = run(data, 'provision', ['shop'], { ADDONS_OP_ID: 'op-1' });
    expect(outcome).toMatchObject({ status: 1, stdout: '' });
    expect(outcome.stderr).toContain('run enable first');
    expect(readdirSync(data)).toEqual([]);
  });

  test('provision whose line cannot be written, as on a full disk, leaves nothing', () => {
    const data = enabled();
    expect(shell(data, `"${ROOT}/provision" shop >/dev/full`, { ADDONS_OP_ID: 'op-1' }).status).not.toBe(0);
    expect(everythingIn(data)).toEqual([]);
  });

  test('health says whether the databases can be reached', () => {
    const data = enabled();
    expect(run(data, 'health')).toEqual(success(''));
    rmSync(join(data, 'databases'), { recursive: true });
    expect(run(data, 'health').status).not.toBe(0);
  });

  test('a trace goes to stderr and leaves the output alone', () => {
    const data = enabled();
    const outcome = run(data, 'provision', ['shop'], { ADDONS_OP_ID: 'op-1', ADDON_TRACE: '1' });
    expect(outcome.stdout).toBe('shop-op-1;\n');
    expect(outcome.stderr).toContain('+ mkdir');
  });

  for (const umask of ['000', '077']) {
    test(`nobody else can read a database, under umask ${umask}`, () => {
      const data = freshData();
      const scripts = `umask ${umask}; "${ROOT}/enable" && "${ROOT}/provision" shop`;
      expect(shell(data, scripts, { ADDONS_OP_ID: 'op-1' }).status).toBe(0);
      expect(modesIn(join(data, 'databases'))).toEqual({
        '.': '700',
        'shop-op-1': '700',
        'shop-op-1/database.sqlite': '600',
      });
    });
  }
});

describe('ids that lead elsewhere', () => {
  for (const script of ['unprovision', 'url', 'dump', 'restore']) {
    test.for(['..', '.', '.new.shop-op-1', '../outside', '/etc', 'shop-op-1/../../../outside', ''])(
      `${script} refuses %j`,
      (id) => {
        const data = enabled();
        provision(data, 'shop', 'op-1');
        mkdirSync(join(data, 'outside'));
        writeFileSync(join(data, 'outside', 'database.sqlite'), 'precious');
        const outcome = run(data, script, [id, '']);
        expect(outcome).toMatchObject({ status: 1, stdout: '' });
        expect(outcome.stderr).toContain('is not an id of this add-on');
        expect(readFileSync(join(data, 'outside', 'database.sqlite'), 'utf8')).toBe('precious');
        expect(list(data)).toEqual(['shop-op-1']);
      },
    );
  }

  test('unprovision never follows a link out of the databases', () => {
    const data = enabled();
    const precious = join(home, 'precious');
    mkdirSync(precious);
    writeFileSync(join(precious, 'file'), '');
    symlinkSync(precious, join(data, 'databases', 'linked'));
    const id = provision(data, 'shop', 'op-1');
    symlinkSync(precious, join(data, 'databases', id, 'linked'));
    for (const each of ['linked', id]) expect(run(data, 'unprovision', [each]).status).toBe(0);
    expect(everythingIn(data)).toEqual([]);
    expect(readdirSync(precious)).toEqual(['file']);
  });

  test.for(['../shop', 'Shop', '-shop', 'shop;x', ''])('provision refuses the app name %j', (app) => {
    const data = enabled();
    expect(run(data, 'provision', [app], { ADDONS_OP_ID: 'op-1' })).toMatchObject({ status: 1, stdout: '' });
    expect(everythingIn(data)).toEqual([]);
  });
});

describe('crashes', () => {
  test('provision killed before any of its steps, and run again, has made exactly one database', () => {
    for (let step = 1; ; step++) {
      const data = enabled(`again-${step}`);
      const killed = runKilledAt(data, 'provision', 'shop', step);
      if (killed.status === 0) {
        expect(step).toBeGreaterThan(4);
        break;
      }
      expect(killed.signal).toBe('SIGKILL');
      expect(provision(data, 'shop', 'op-1')).toBe('shop-op-1');
      expect(everythingIn(data)).toEqual(['shop-op-1']);
      expect(readdirSync(join(data, 'databases', 'shop-op-1'))).toEqual(['database.sqlite']);
    }
  });

  test('provision killed before any of its steps has printed the id, and unprovision leaves nothing', () => {
    for (let step = 1; ; step++) {
      const data = enabled(`undone-${step}`);
      const killed = runKilledAt(data, 'provision', 'shop', step);
      if (killed.status === 0) break;
      expect(killed.signal).toBe('SIGKILL');
      expect(killed.stdout).toBe('shop-op-1;\n');
      expect(run(data, 'unprovision', ['shop-op-1'])).toEqual(success(''));
      expect(everythingIn(data)).toEqual([]);
    }
  });

  test('unprovision killed before any of its steps shows a whole database or none; run again, it leaves nothing', () => {
    const seen = new Set<string>();
    for (let step = 1; ; step++) {
      const data = enabled(`gone-${step}`);
      const id = provision(data, 'shop', 'op-1');
      const killed = runKilledAt(data, 'unprovision', id, step);
      if (killed.status === 0) break;
      expect(killed.signal).toBe('SIGKILL');
      seen.add(everythingIn(data).join());
      expect(run(data, 'unprovision', [id])).toEqual(success(''));
      expect(everythingIn(data)).toEqual([]);
    }
    expect([...seen]).toEqual(['shop-op-1', '.gone.shop-op-1', '']);
  });

  test('provision killed at any moment shows no database or a whole one; run again, exactly one', async () => {
    for (let round = 0; round < 20; round++) {
      const data = enabled(`moment-${round}`);
      const running = start(data, ['provision', 'shop'], { ADDONS_OP_ID: 'op-1' });
      await sleep((round * 6) / 20);
      await killGroup(running);
      for (const id of list(data)) expect(existsSync(fileOf(data, id))).toBe(true);
      expect(provision(data, 'shop', 'op-1')).toBe('shop-op-1');
      expect(everythingIn(data)).toEqual(['shop-op-1']);
    }
  });

  test('disable clears away what a killed provision left', () => {
    const data = enabled();
    runKilledAt(data, 'provision', 'shop', 3);
    expect(everythingIn(data)).toEqual(['.new.shop-op-1']);
    expect(list(data)).toEqual([]);
    expect(run(data, 'disable')).toEqual(success(''));
    expect(readdirSync(data)).toEqual([]);
  });
});

describe('url', () => {
  const names = [
    'plain',
    'with space',
    'per%41cent',
    'ha#sh?',
    "quo'te",
    'back\\slash',
    'a$b`c"d',
    'ünï 数据 😀',
    'two\nlines',
  ];
  test.for(names)('leads to the real file below a directory named %j', (name) => {
    const data = enabled(name);
    const id = provision(data, 'shop', 'op-1');
    const { stdout } = run(data, 'url', [id, '']);
    expect(stdout).toMatch(/^sqlite:\/\/\/[A-Za-z0-9/._~%-]+\n$/);
    const file = decodeURIComponent(new URL(stdout.trimEnd()).pathname);
    expect(file).toBe(fileOf(data, id));
    expect(useAsApp(file)).toBe('written');
  });

  test('decodes to the path, whatever the directory is called', () => {
    const unit = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    const name = unit.filter((text) => !/[/\0]/.test(text) && !/^\.{1,2}$/.test(text) && Buffer.byteLength(text) < 250);
    const property = fc.property(name, (text) => {
      const data = join(home, 'any', text);
      mkdirSync(join(data, 'databases', 'shop-1'), { recursive: true });
      writeFileSync(fileOf(data, 'shop-1'), '');
      const { stdout } = run(data, 'url', ['shop-1', '']);
      expect(stdout).toMatch(/^sqlite:\/\/\/[A-Za-z0-9/._~%-]+\n$/);
      expect(decodeURIComponent(stdout.trimEnd())).toBe(`sqlite://${fileOf(data, 'shop-1')}`);
    });
    fc.assert(property, { numRuns: 60 });
  });

  test.for(['dash', 'bash', 'busybox'].filter(found))('is the same when %s is the shell', (program) => {
    const data = enabled("é%' \\");
    const id = provision(data, 'shop', 'op-1');
    const args = [...(program === 'busybox' ? ['sh'] : []), join(ROOT, 'url'), id, ''];
    const outcome = spawnSync(program, args, { env: environment(data, { LANG: 'C.UTF-8' }), encoding: 'utf8' });
    expect(outcome.stdout).toBe(run(data, 'url', [id, '']).stdout);
    expect(outcome.stdout).toContain('%C3%A9%25%27%20%5C');
  });

  test('starts no other program', () => {
    const data = enabled();
    const id = provision(data, 'shop', 'op-1');
    expect(run(data, 'url', [id, ''], { PATH: '/nowhere' }).stdout).toBe(`sqlite://${fileOf(data, id)}\n`);
  });

  test('fails when the database is gone, and makes no empty one', () => {
    const data = enabled();
    const id = provision(data, 'shop', 'op-1');
    rmSync(fileOf(data, id));
    const outcome = run(data, 'url', [id, '']);
    expect(outcome).toMatchObject({ status: 1, stdout: '' });
    expect(outcome.stderr).toContain(`${fileOf(data, id)} is missing`);
    expect(existsSync(fileOf(data, id))).toBe(false);
  });
});

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

// --- what an add-on's caller does, in the small ---

interface ScriptOutcome {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

const success = (stdout: string): ScriptOutcome => ({ status: 0, signal: null, stdout, stderr: '' });

const environment = (data: string, more: Record<string, string> = {}) => ({
  PATH,
  HOME: home,
  LANG: 'C.UTF-8',
  ADDON: 'db',
  ADDON_ROOT: ROOT,
  ADDON_DATA: data,
  ADDONS_PLATFORM: 'x',
  ...more,
});

function run(data: string, script: string, args: string[] = [], more: Record<string, string> = {}, input?: Buffer) {
  const { status, signal, stdout, stderr } = spawnSync(join(ROOT, script), args, {
    cwd: ROOT,
    env: environment(data, more),
    encoding: 'utf8',
    input: input ?? Buffer.alloc(0),
    timeout: 30_000,
  });
  return { status, signal, stdout, stderr };
}

const shell = (data: string, line: string, more: Record<string, string> = {}) =>
  spawnSync('sh', ['-c', line], { cwd: ROOT, env: environment(data, more), encoding: 'utf8' });

function start(data: string, [script = '', ...args]: string[], more: Record<string, string>, stdin?: string) {
  const path = join(ROOT, script);
  const line = stdin === undefined ? 'exec "$@"' : `exec "$@" <'${stdin}'`;
  return spawn('sh', ['-c', line, 'sh', path, ...args], {
    cwd: ROOT,
    env: environment(data, more),
    detached: true,
    stdio: 'ignore',
  });
}

async function killGroup(running: ChildProcess) {
  const ended = running.exitCode === null && running.signalCode === null ? once(running, 'exit') : undefined;
  try {
    if (running.pid !== undefined) process.kill(-running.pid, 'SIGKILL');
  } catch {
    // All of them have ended by themselves.
  }
  await ended;
}

// Each program that the script starts is a step; the one that is numbered kills the script instead of doing its work.
function runKilledAt(data: string, script: string, argument: string, step: number) {
  const steps = join(home, `steps-${script}-${step}`);
  const shims = join(home, 'shims');
  if (!existsSync(shims)) {
    mkdirSync(shims);
    for (const program of ['mkdir', 'mv', 'rm', 'sync']) {
      const text = `#!/bin/sh
printf x >>"$STEPS"
if [ "$(wc -c <"$STEPS")" -eq "$KILL_AT" ]; then kill -9 "$PPID"; exit 1; fi
PATH='${PATH}' exec ${program} "$@"
`;
      writeFileSync(join(shims, program), text);
      chmodSync(join(shims, program), 0o755);
    }
  }
  const more = { PATH: `${shims}:${PATH}`, STEPS: steps, KILL_AT: String(step), ADDONS_OP_ID: 'op-1' };
  return run(data, script, [argument], more);
}

const freshData = (name = 'db') => {
  const data = join(home, '.add-ons', name);
  mkdirSync(data, { recursive: true });
  return data;
};

function enabled(name?: string) {
  const data = freshData(name);
  expect(run(data, 'enable')).toEqual(success(''));
  return data;
}

function provision(data: string, app: string, operation: string) {
  const outcome = run(data, 'provision', [app], { ADDONS_OP_ID: operation });
  expect(outcome).toMatchObject({ status: 0, stderr: '' });
  return outcome.stdout.replace(';\n', '');
}

const list = (data: string) => run(data, 'list').stdout.split('\n').filter(Boolean);
const everythingIn = (data: string) => readdirSync(join(data, 'databases')).sort();
const fileOf = (data: string, id: string) => join(data, 'databases', id, 'database.sqlite');

function dumpOf(data: string, id: string) {
  const outcome = spawnSync(join(ROOT, 'dump'), [id, ''], {
    cwd: ROOT,
    env: environment(data),
    maxBuffer: 1 << 28,
    timeout: 30_000,
  });
  expect({ status: outcome.status, stderr: outcome.stderr.toString() }).toEqual({ status: 0, stderr: '' });
  return outcome.stdout;
}

const restore = (data: string, id: string, dump: Buffer, more?: Record<string, string>) =>
  run(data, 'restore', [id, ''], more, dump);

const sql = (data: string, id: string, text: string) => query(fileOf(data, id), text);

function query(file: string, text: string) {
  const args = ['-batch', '-bail', '-init', '/dev/null', file, '.timeout 20000', text];
  const outcome = spawnSync('sqlite3', args, { encoding: 'utf8' });
  expect(outcome.stderr).toBe('');
  return outcome.stdout.trimEnd();
}

// A second implementation of SQLite, as an app would bring it.
function useAsApp(file: string) {
  const database = new Database(file, { fileMustExist: true });
  try {
    database.exec("CREATE TABLE t(x); INSERT INTO t VALUES('written')");
    return database.get('SELECT x FROM t')?.x;
  } finally {
    database.close();
  }
}

const manyRows = (count: number) =>
  `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${count}) SELECT i, hex(randomblob(500)) FROM c`;

const modesIn = (directory: string) =>
  Object.fromEntries(
    ['.', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })]
      .sort()
      .map((name) => [name, (lstatSync(join(directory, name)).mode & 0o777).toString(8)]),
  );

function programs(...names: string[]) {
  const directory = join(home, 'programs');
  mkdirSync(directory);
  for (const name of names) {
    symlinkSync(
      spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim(),
      join(directory, name),
    );
  }
  return directory;
}

async function until(condition: () => boolean) {
  for (const end = Date.now() + 20_000; !condition(); await sleep(10)) {
    if (Date.now() > end) throw new Error('The writer does not get on.');
  }
}
