import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { manifestPlanText } from '../../../lib/cli/manifest-text.ts';
import { paint } from '../../../lib/cli/visible-text.ts';
import { AddonsError } from '../../../lib/errors.ts';
import type { Addons, Change, ChangeEnd, Manifest } from '../../../lib/operations/results.ts';
import { type TypeOptions, type } from '../fixtures/type.ts';

const ADD: Change = { action: 'add', app: 'shop', addon: 'db', env: ['DATABASE_URL'] };
const REMOVE: Change = { action: 'remove', app: 'shop', addon: 'redis', id: 'shop-17', kept: false };
const RELEASE: Change = { action: 'release', app: 'shop', reason: 'X_DB_URL, DATABASE_URL are not in ENV yet' };
const MINE = '{"apps": {"shop": {"db": {}}}}';

/** A platform whose plan is always this one; `seen` is what it was asked for. */
function planning(changes: Change[], ends?: (change: Change) => ChangeEnd) {
  const seen: { manifest?: Manifest; keepFor?: number | undefined; applied: Change[] } = { applied: [] };
  const addons: Partial<Addons> = {
    plan: async (manifest) => {
      seen.manifest = manifest;
      return { changes, apps: 1000, resources: 3000 };
    },
    async *apply(all, options) {
      seen.keepFor = options?.keepFor;
      for (const change of all) {
        seen.applied.push(change);
        const end = ends?.(change) ?? { change, outcome: 'done' as const };
        yield end;
        if ('error' in end) return;
      }
    },
  };
  return { addons, seen };
}

/** A directory with these files. */
function directory(files: Record<string, string>): string {
  const cwd = mkdtempSync(join(tmpdir(), 'manifest-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return cwd;
}

const here = (options: TypeOptions): TypeOptions => ({ cwd: directory({ 'addons.json': MINE }), ...options });

describe('addons plan', () => {
  test('shows a diff and what it comes to', async () => {
    const { addons } = planning([{ action: 'enable', addon: 'db' }, ADD, REMOVE, RELEASE]);
    const { stdout, status } = await type(['plan'], here({ addons }));
    expect(status).toBe(0);
    expect(stdout).toBe(`+ enable db

shop
  + db  (X_DB_URL, DATABASE_URL)
  - redis shop-17  data is destroyed
  ~ release: X_DB_URL, DATABASE_URL are not in ENV yet

Plan: 1 add-on to enable, 1 to add, 1 to remove, 1 app to release.
`);
  });

  test('shows it in the documentation as it is', () => {
    const shown = /```console\n\$ addons plan\n(.*?)```/s.exec(
      readFileSync(new URL('../../../docs/manifest.md', import.meta.url), 'utf8'),
    )?.[1];
    const changes: Change[] = [
      { action: 'enable', addon: 'db' },
      { action: 'add', app: 'blog', addon: 'db', env: [] },
      { action: 'release', app: 'blog', reason: 'X_DB_URL is not in ENV yet' },
      ADD,
      { action: 'add-name', app: 'shop', addon: 'redis', name: 'CACHE_URL' },
      { ...REMOVE, addon: 'memcached' },
      { action: 'release', app: 'shop', reason: 'X_DB_URL, DATABASE_URL, CACHE_URL are not in ENV yet' },
    ];
    const style = { color: paint(false, {}), configVar: () => 'X_DB_URL', loss: 'data is destroyed' };
    expect(shown).toBe(manifestPlanText({ changes, apps: 2, resources: 3 }, style));
  });

  test('says how much it looked at when there is nothing to do', async () => {
    const { addons } = planning([]);
    const { stdout, status } = await type(['plan', '--detailed-exitcode'], here({ addons }));
    expect([stdout, status]).toEqual(['Nothing to do: 1,000 apps, 3,000 resources are as the manifest says.\n', 0]);
  });

  test('uses colours on a terminal only, and spells out what would steer it', async () => {
    const { addons } = planning([ADD, { ...REMOVE, id: 'a\u001bb' }, RELEASE]);
    const colored = await type(['plan'], here({ addons, terminal: true, env: { NO_COLOR: undefined } }));
    for (const text of ['\u001b[32m+ db', '\u001b[31m- redis a\\x1bb', '\u001b[33m~ release']) {
      expect(colored.stdout).toContain(text);
    }
    expect((await type(['plan'], here({ addons, env: { NO_COLOR: undefined } }))).stdout).not.toContain('\u001b');
  });

  test('tells by its exit status what a pipeline asks', async () => {
    const detailed = (options: TypeOptions) => type(['plan', '--detailed-exitcode'], here(options));
    expect((await detailed(planning([ADD]))).status).toBe(2);
    const broken = await detailed({ cwd: directory({ 'addons.json': '{"app": {}}' }) });
    expect(broken).toMatchObject({ status: 1, stdout: '' });
    expect(broken.stderr).toContain('app is no key that is known here');
    const missing = await detailed({ cwd: directory({}) });
    expect(missing).toMatchObject({ status: 1, stdout: '' });
    expect((await type(['plan'], { cwd: directory({}) })).status).toBe(2);
  });

  test('gives the plan as data', async () => {
    const { addons } = planning([ADD]);
    const seen = await type(['plan', '--json'], here({ addons }));
    expect(seen.json()).toEqual({
      version: 1,
      command: 'plan',
      result: { changes: [ADD], apps: 1000, resources: 3000 },
    });
    const failed = await type(['plan', '--json', '--detailed-exitcode'], { cwd: directory({}) });
    expect(failed).toMatchObject({ status: 1, stderr: '' });
    expect(failed.json().error).toMatchObject({ code: 'usage' });
  });
});

describe('the manifest', () => {
  test('is addons.json, else app.json, of the current directory; or the file that is named; or stdin', async () => {
    const { addons, seen } = planning([]);
    const asked = async (words: string[], options: TypeOptions) => {
      expect((await type(['plan', ...words], { addons, ...options })).status).toBe(0);
      return Object.keys(seen.manifest?.apps ?? {});
    };
    const appJson = '{"addons": ["heroku-redis:mini"]}';
    const cwd = directory({ 'addons.json': MINE, 'app.json': appJson, 'other.json': '{"apps": {"blog": {}}}' });
    expect(await asked([], { cwd })).toEqual(['shop']);
    expect(await asked(['other.json'], { cwd })).toEqual(['blog']);
    expect(await asked(['-'], { cwd, input: '{"apps": {"wiki": {}}}' })).toEqual(['wiki']);
    expect(await asked(['--app', 'blog'], { cwd: directory({ 'app.json': appJson }) })).toEqual(['blog']);
    expect(seen.manifest).toEqual({ apps: { blog: { redis: { env: ['REDIS_URL'] } } }, additive: true });
  });

  test('of Heroku needs the app, and what is not used of it is told', async () => {
    const { addons, seen } = planning([]);
    const cwd = directory({ 'app.json': '{"addons": ["heroku-redis:mini"]}' });
    const without = await type(['plan'], { addons, cwd });
    expect(without.status).toBe(2);
    expect(without.stderr).toContain('addons plan app.json --app NAME');
    const given = await type(['plan'], { addons, cwd, env: { X_APP_NAME: 'shop' } });
    expect(given.stderr).toContain('app.json: Plans and options are not used here: heroku-redis:mini.');
    expect(Object.keys(seen.manifest?.apps ?? {})).toEqual(['shop']);
    expect((await type(['plan', '--app', 'shop', '--json'], { addons, cwd })).stderr).toBe('');
  });

  test('that names its apps takes no --app', async () => {
    const { status, stderr } = await type(['plan', '--app', 'shop'], here(planning([])));
    expect(status).toBe(2);
    expect(stderr).toContain('Leave out --app.');
  });

  test.each([
    ['nosuch.json', 2, 'There is no file'],
    ['.', 1, 'EISDIR'],
    ['big.json', 1, 'big.json is larger than 16 MiB.'],
    ['-', 1, 'stdin, line 1: this is not JSON'],
  ])('that cannot be read is told: %s', async (file, status, message) => {
    const cwd = directory({ 'big.json': '' });
    if (file === 'big.json') writeFileSync(join(cwd, file), Buffer.alloc(17 * 2 ** 20, 0x20));
    const seen = await type(['plan', file], { cwd, input: 'oops', ...planning([]) });
    expect(seen.status).toBe(status);
    expect(seen.stderr).toContain(message);
  });
});

describe('addons apply', () => {
  test('shows the plan, does it, and sums up', async () => {
    const { addons, seen } = planning([ADD, RELEASE], (change) => ({
      change,
      outcome: change === ADD ? 'done' : 'unchanged',
    }));
    const { stdout, status } = await type(['apply'], here({ addons }));
    expect(status).toBe(0);
    expect(stdout).toContain('  + db  (X_DB_URL, DATABASE_URL)\n');
    expect(stdout).toMatch(
      /Plan: 1 to add, 1 app to release.\nAdded db to shop.\nIt was so already: release shop.\n2 changes: 1 done, 1 unchanged.\n$/,
    );
    expect(seen.applied).toEqual([ADD, RELEASE]);
  });

  test('asks where something is removed, for the name of the file', async () => {
    const { addons, seen } = planning([REMOVE, { ...REMOVE, addon: 'db', kept: true }]);
    const no = await type(['apply'], here({ addons, terminal: true, input: 'shop\n' }));
    expect(no.status).toBe(4);
    expect(no.stderr).toContain('Applying addons.json destroys, with all data:');
    expect(no.stderr).toContain('- redis shop-17 of shop\n');
    expect(no.stderr).toContain('- db shop-17 of shop (marked as kept: it lives on)\n');
    expect(seen.applied).toEqual([]);
    const yes = await type(['apply'], here({ addons, terminal: true, input: 'addons.json\n' }));
    expect([yes.status, seen.applied.length]).toEqual([0, 2]);
  });

  test('refuses that without a terminal, unless it was said before', async () => {
    const { addons, seen } = planning([REMOVE]);
    expect(await type(['apply'], here({ addons }))).toMatchObject({
      status: 4,
      stderr: expect.stringContaining('addons apply --force'),
    });
    const piped = await type(['apply', '-'], here({ addons, terminal: true, input: MINE }));
    expect(piped).toMatchObject({ status: 4, stderr: expect.stringContaining('nobody can be asked') });
    expect((await type(['apply', '--confirm', 'other.json'], here({ addons }))).status).toBe(4);
    expect(seen.applied).toEqual([]);
    for (const words of [['--force'], ['--confirm', 'addons.json']]) {
      expect((await type(['apply', ...words], here({ addons }))).status).toBe(0);
    }
    expect((await type(['apply', '-', '--confirm', 'stdin'], here({ addons, input: MINE }))).status).toBe(0);
    expect(seen.applied).toHaveLength(3);
  });

  test('keeps what is removed where it is told to, and says so', async () => {
    const { addons, seen } = planning([REMOVE]);
    const { stdout, stderr } = await type(
      ['apply', '--keep-for', '7d'],
      here({ addons, terminal: true, input: 'x\n' }),
    );
    expect(stdout).toContain('- redis shop-17  data is kept for 7d');
    expect(stderr).toContain('Applying addons.json puts into the trash for 7d:');
    await type(['apply', '--keep-for', '7d', '--force'], here({ addons }));
    expect(seen.keepFor).toBe(604_800);
    expect((await type(['apply', '--keep-for', 'long'], here({ addons }))).status).toBe(2);
  });

  test('does nothing in a dry run, or where there is nothing to do', async () => {
    const { addons, seen } = planning([REMOVE]);
    const dry = await type(['apply', '--dry-run', '--json'], here({ addons }));
    expect(dry).toMatchObject({ status: 0, stderr: '' });
    expect(dry.json().result).toEqual({ changes: [REMOVE], apps: 1000, resources: 3000, ends: [] });
    expect((await type(['apply'], here(planning([])))).stdout).toMatch(/^Nothing to do: /);
    expect(seen.applied).toEqual([]);
  });

  test('tells what failed, what was left out, and ends with the status of the worst', async () => {
    const { addons } = planning([ADD, RELEASE], (change) => ({
      change,
      error: new AddonsError('script-failed', 'provision of db failed.', { hint: 'Look.' }),
    }));
    const seen = await type(['apply'], here({ addons }));
    expect(seen.status).toBe(1);
    expect(seen.stderr).toContain('provision of db failed.');
    expect(seen.stderr).toContain('Left out after a failure: release shop.');
    const json = await type(['apply', '--json'], here({ addons }));
    expect(json).toMatchObject({ status: 1, stderr: '' });
    expect(json.json()).toMatchObject({
      result: { ends: [{ change: ADD, app: 'shop', addon: 'db', error: { code: 'script-failed' } }] },
      error: { code: 'script-failed' },
    });
  });
});

describe('addons export', () => {
  test('prints what plan reads', async () => {
    const asked: (readonly string[] | undefined)[] = [];
    const addons: Partial<Addons> = {
      export: async (apps) => {
        asked.push(apps);
        return { apps: { shop: { redis: { env: ['REDIS_URL'] }, db: { env: [] } } } };
      },
    };
    const document = {
      $schema: 'https://unpkg.com/paas-addons/docs/manifest.schema.json',
      apps: { shop: { db: {}, redis: { env: ['REDIS_URL'] } } },
    };
    expect((await type(['export'], { addons })).stdout).toBe(`${JSON.stringify(document, undefined, 2)}\n`);
    expect((await type(['export', 'shop', '--json'], { addons })).json().result).toEqual(document);
    expect(asked).toEqual([[], ['shop']]);
  });
});
