import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  enabled,
  environment,
  everythingIn,
  fileOf,
  found,
  freshData,
  home,
  list,
  modesIn,
  provision,
  ROOT,
  run,
  shell,
  success,
  useAsApp,
} from './db.ts';

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
