import { describe, expect, test } from 'vitest';
import type { Addons, AppStatus, StatusResult } from '../../../lib/operations/results.ts';
import { type TypeOptions, type as typeWords } from '../fixtures/type.ts';

const resource = (addon: string, state: AppStatus['resources'][number]['state'] = 'ok', env: string[] = []) => ({
  addon,
  id: `shop-${addon}-0123456789`,
  configVar: `X_${addon.toUpperCase()}_URL`,
  env,
  state,
});

const SHOP: AppStatus = {
  app: 'shop',
  released: new Date(Date.now() - 150_000).toISOString(),
  resources: [resource('db', 'ok', ['DATABASE_URL']), resource('redis', 'drift'), resource('mail', 'removing')],
  malformed: [],
};
const BLOG: AppStatus = { app: 'blog', resources: [], malformed: [{ line: 3, problem: 'no second semicolon' }] };
const TORE: AppStatus = { app: 'tore', resources: [{ ...resource('db', 'adding'), id: '' }], malformed: [] };

const HEALTH: NonNullable<StatusResult['health']> = [
  { addon: 'db', health: 'healthy' },
  { addon: 'redis', health: 'unhealthy', message: 'health of redis failed: no connection' },
  { addon: 'search', health: 'none' },
];

function type(words: string[], options: TypeOptions = {}, apps = [BLOG, SHOP, TORE]) {
  const asked: unknown[] = [];
  const status: Addons['status'] = async (app, { health } = { health: false }) => {
    asked.push([app, health ?? false]);
    return { apps, ...(health && { health: HEALTH }) };
  };
  return typeWords(['status', ...words], { addons: { status }, ...options }).then((seen) => ({ ...seen, asked }));
}

test('one line a resource, one for an app that has none, and a sum', async () => {
  expect(await type([])).toMatchObject({
    status: 0,
    asked: [[undefined, false]],
    stdout: `APP   ADD-ON  ID                     STATE     RELEASED   VARIABLES
blog  -
shop  db      shop-db-0123456789     ok        2 min ago  X_DB_URL, DATABASE_URL
shop  redis   shop-redis-0123456789  drift     2 min ago  X_REDIS_URL
shop  mail    shop-mail-0123456789   removing  2 min ago  X_MAIL_URL
tore  db      -                      adding    never      X_DB_URL
3 apps, 4 resources: 1 ok, 1 drift, 1 removing, 1 adding
`,
    stderr: ' !     blog: line 3 of ADDONS: no second semicolon\n',
  });
});

test('sums up many', async () => {
  const apps = Array.from({ length: 1000 }, (_, i) => ({
    ...SHOP,
    app: `app${i}`,
    resources: [resource('db'), resource('redis'), resource('mail', i < 2 ? 'drift' : 'ok')],
  }));
  expect((await type([], {}, apps)).stdout).toMatch(/\n1,000 apps, 3,000 resources: 2,998 ok, 2 drift\n$/);
});

test('one app, and none at all', async () => {
  expect((await type(['shop'], {}, [SHOP])).asked).toEqual([['shop', false]]);
  expect((await type([], {}, [{ ...BLOG, malformed: [] }])).stdout).toBe(
    'APP   ADD-ON  ID  STATE  RELEASED  VARIABLES\nblog  -\n1 app, 0 resources\n',
  );
  expect(await type([], {}, [])).toMatchObject({
    status: 0,
    stdout: '',
    stderr: '       There are no apps in /srv/demo/apps.\n',
  });
});

describe('--health', () => {
  test('has a column of its own, says why, and exits with 1', async () => {
    const seen = await type(['--health']);
    expect(seen).toMatchObject({ status: 1, asked: [[undefined, true]] });
    expect(seen.stdout).toContain('shop  redis   shop-redis-0123456789  drift     unhealthy  2 min ago  X_REDIS_URL\n');
    expect(seen.stdout).toContain('shop  mail    shop-mail-0123456789   removing  -          2 min ago  X_MAIL_URL\n');
    expect(seen.stdout).toMatch(/\n3 enabled add-ons: 1 healthy, 1 unhealthy, 1 without a health script\n$/);
    expect(seen.stderr).toContain(' !     health of redis failed: no connection\n');
  });

  test('exits with 0 where nobody is ill', async () => {
    const status = async () => ({ apps: [SHOP], health: [{ addon: 'db', health: 'healthy' as const }] });
    expect((await typeWords(['status', '--health'], { addons: { status } })).status).toBe(0);
  });
});

test('--json is what the library says', async () => {
  const seen = await type(['--json', '--health']);
  expect(seen).toMatchObject({ status: 1, stderr: '' });
  expect(seen.json()).toMatchObject({ command: 'status', result: { apps: [BLOG, SHOP, TORE], health: HEALTH } });
});

describe('at a terminal', () => {
  const lines = async (columns: number, words: string[] = []) => {
    const env = { NO_COLOR: '1' };
    return (await type(words, { stdoutTerminal: true, columns, env })).stdout.trimEnd().split('\n');
  };

  test.each([100, 80, 60, 40, 30, 20, 12])('no line is longer than %i columns', async (columns) => {
    for (const words of [[], ['--health']]) {
      for (const line of await lines(columns, words)) expect([...line].length).toBeLessThanOrEqual(columns);
    }
  });

  test('ids are shortened before anything else', async () => {
    expect((await lines(76))[2]).toBe('shop  db      shop-db-01234567…  ok        2 min ago  X_DB_URL, DATABASE_URL');
  });

  test('then variables, then columns are left out', async () => {
    expect((await lines(60))[2]).toBe('shop  db      shop-db…  ok        2 min ago  X_DB_URL, DATA…');
    expect((await lines(48))[0]).toBe('APP   ADD-ON  ID             STATE     RELEASED');
    expect((await lines(26))[0]).toBe('APP   ADD-ON  STATE');
  });

  test('states have colours, and what is well has none', async () => {
    const { stdout } = await type([], { stdoutTerminal: true, columns: 120, env: { NO_COLOR: undefined } });
    expect(stdout).toContain('\u001b[33mdrift\u001b[0m  ');
    expect(stdout).toContain('\u001b[31mremoving\u001b[0m  ');
    expect(stdout).toContain('  ok        2 min ago');
  });

  test('not in a pipe, and no shorter there', async () => {
    const { stdout } = await type([], { columns: 20, env: { NO_COLOR: undefined } });
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toContain('X_DB_URL, DATABASE_URL');
  });
});
