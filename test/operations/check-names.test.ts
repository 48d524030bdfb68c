import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { leave } from './journal.ts';
import { platform, type World } from './world.ts';

/** The app `shop` has `vault`, with these extra names; released where that is possible. */
async function shop(names: string): Promise<World & { dir: string; findings(): Promise<object[]> }> {
  const world = platform();
  await world.enable('vault');
  const dir = world.app('shop');
  const path = join(dir, 'ADDONS.env');
  await world.addons.add('shop', 'vault');
  writeFileSync(path, names, { mode: 0o600 });
  await world.addons.release('shop').catch(() => {});
  return { ...world, dir, findings: async () => (await world.addons.check()).findings };
}

it('finds nothing wrong with an extra name that was released', async () => {
  const { findings } = await shop('vault;SAFE_URL\nvault;OTHER\n');
  expect(await findings()).toEqual([]);
});

it('finds each name whose value is not what the url script says', async () => {
  const { findings, dir } = await shop('vault;SAFE_URL\n');
  const env = readFileSync(join(dir, 'ENV'), 'utf8');
  writeFileSync(join(dir, 'ENV'), env.replace(/SAFE_URL='.*'/, "SAFE_URL='other'"));
  appendFileSync(join(dir, 'ADDONS.env'), 'vault;NEW\n');
  const about = { kind: 'drift', severity: 'warning', app: 'shop', addon: 'vault', hint: 'addons release shop' };
  expect(await findings()).toMatchObject([
    { ...about, message: 'SAFE_URL of shop is not what its url script says now.' },
    { ...about, message: 'NEW of shop is not in ENV yet.' },
  ]);
});

it('finds names of what the app does not have', async () => {
  const { findings, dir } = await shop('gone;OLD\nvault;SAFE_URL\ngone;OLDER\n');
  expect(await findings()).toEqual([
    {
      kind: 'stale-name',
      severity: 'warning',
      message: `${dir}/ADDONS.env names OLD, OLDER for gone, which the app does not have.`,
      hint: 'addons check --fix',
      app: 'shop',
      addon: 'gone',
      path: `${dir}/ADDONS.env`,
    },
  ]);
});

it('takes no name for stale while an operation is under way that writes the line after it', async () => {
  const { findings, addons } = await shop('other;NAME\n');
  leave(addons, { kind: 'adopt', addon: 'other', app: 'shop', resource: '2', quarantine: 'look' });
  expect(await findings()).toMatchObject([{ kind: 'quarantined' }]);
});

it('takes no name for stale where a line of ADDONS cannot be understood: it may be that one', async () => {
  const { findings, dir } = await shop('other;NAME\n');
  appendFileSync(join(dir, 'ADDONS'), 'other;2\n');
  expect(await findings()).toMatchObject([{ kind: 'malformed-line', path: `${dir}/ADDONS` }]);
});

it('finds malformed lines, by number and without quoting them', async () => {
  const { findings, dir } = await shop('vault;SAFE_URL\ns3cret\n');
  expect(await findings()).toMatchObject([
    {
      kind: 'malformed-line',
      severity: 'error',
      message: `Line 2 of ${dir}/ADDONS.env is malformed: no semicolon.`,
      line: 2,
    },
  ]);
});

it('finds a name that two have', async () => {
  const { findings, enable, addons, dir } = await shop('vault;SHARED\n');
  await enable('bare', {}, 'bare');
  await addons.add('shop', 'bare');
  await addons.release('shop');
  appendFileSync(join(dir, 'ADDONS.env'), 'bare;SHARED\n');
  expect(await findings()).toMatchObject(
    expect.arrayContaining([
      {
        kind: 'variable-clash',
        severity: 'error',
        message: 'shop: Another add-on of this app sets SHARED already.',
        hint: 'addons remove shop bare --env SHARED',
        app: 'shop',
        addon: 'bare',
      },
    ]),
  );
});

it('finds an ADDONS.env that others can read, and one that is no file', async () => {
  const { findings, app, dir } = await shop('vault;SAFE_URL\n');
  chmodSync(join(dir, 'ADDONS.env'), 0o644);
  mkdirSync(join(app('blog'), 'ADDONS.env'), { mode: 0o700 });
  expect(await findings()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ kind: 'mode', path: `${dir}/ADDONS.env`, hint: expect.stringContaining('chmod 600') }),
      expect.objectContaining({ kind: 'unreadable', app: 'blog' }),
    ]),
  );
});
