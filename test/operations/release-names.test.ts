import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { leave } from './journal.ts';
import { failure, platform, type World } from './world.ts';

/** The app `shop` with lines for `vault` and `bare`, and with these extra names. */
async function shop(names: string): Promise<World & { dir: string }> {
  const world = platform();
  await world.enable('vault', { url: 'echo vault://x' });
  await world.enable('bare', {}, 'bare');
  const dir = world.app('shop', 'vault;1;x\nbare;2;\n');
  writeFileSync(join(dir, 'ADDONS.env'), names, { mode: 0o600 });
  return { ...world, dir };
}

it('sets the standard variable and the extra names of each line, in the order of the lines', async () => {
  const { addons, read } = await shop('bare;B_2\nvault;SAFE_URL\nbare;A_1\n');
  expect(await addons.release('shop')).toEqual({
    app: 'shop',
    outcome: 'done',
    configVars: ['A_1', 'B_2', 'SAFE_URL', 'X_BARE_URL', 'X_VAULT_URL'],
    changed: ['A_1', 'B_2', 'SAFE_URL', 'X_BARE_URL', 'X_VAULT_URL'],
    warnings: [],
  });
  expect(read('shop', 'ENV')).toBe(
    [
      "export X_VAULT_URL='vault://x'",
      "export SAFE_URL='vault://x'",
      "export X_BARE_URL='bare://2'",
      "export B_2='bare://2'",
      "export A_1='bare://2'",
      '',
    ].join('\n'),
  );
});

it('tells in a dry run what it would set', async () => {
  const { addons, read } = await shop('vault;SAFE_URL\n');
  expect(await addons.release('shop', { dryRun: true })).toMatchObject({
    outcome: 'planned',
    configVars: ['SAFE_URL', 'X_BARE_URL', 'X_VAULT_URL'],
  });
  expect(read('shop', 'ENV')).toBe('');
});

it('warns of malformed lines, and the others work', async () => {
  const { addons } = await shop('oops\nvault;SAFE_URL\nvault;1\n');
  expect(await addons.release('shop')).toMatchObject({
    outcome: 'done',
    configVars: ['SAFE_URL', 'X_BARE_URL', 'X_VAULT_URL'],
    warnings: [
      'Line 1 of ADDONS.env is skipped: no semicolon.',
      'Line 3 of ADDONS.env is skipped: an invalid variable name.',
    ],
  });
});

it('takes a name without a line for nothing', async () => {
  const { addons, read } = await shop('gone;SAFE_URL\nvault;SAFE_URL\n');
  await addons.release('shop');
  expect(read('shop', 'ENV')).toContain("SAFE_URL='vault://x'");
});

it.each([
  ['the standard variable of another line', 'vault;X_BARE_URL\n', 'Line 1 of ADDONS (vault)', 'X_BARE_URL'],
  ['a name of two add-ons', 'bare;SHARED\nvault;SHARED\n', 'Line 2 of ADDONS (bare)', 'SHARED'],
])('refuses %s, and ENV stays', async (_, names, line, name) => {
  const { addons, dir, read } = await shop(names);
  writeFileSync(join(dir, 'ENV'), 'FOO=1\n', { mode: 0o600 });
  const error = await failure(addons.release('shop'));
  expect(error).toMatchObject({ code: 'release-failed', details: { failures: [{ code: 'conflict' }] } });
  expect(error.message).toContain(`${line}: Another add-on of this app sets ${name} already.`);
  expect(error.hint).toMatch(/^addons remove shop (vault|bare) --env /);
  expect(read('shop', 'ENV')).toBe('FOO=1\n');
});

it('computes again when a name comes while it is at work', async () => {
  const world = platform();
  const { addons, enable, app, ran, read } = world;
  const edit = 'f=$ADDON_DATA/../../shop/ADDONS.env; [ -e "$f" ] || echo "vault;SAFE_URL" >"$f"';
  await enable('vault', { url: `echo url >>"$ADDON_DATA/ran"; ${edit}; echo vault://x` });
  app('shop', 'vault;1;x\n');
  expect(await addons.release('shop')).toMatchObject({ configVars: ['SAFE_URL', 'X_VAULT_URL'] });
  expect(ran('vault')).toEqual(['enable', 'url', 'url']);
  expect(read('shop', 'ENV')).toContain("SAFE_URL='vault://x'");
});

it('follows a URL that moved, under every name', async () => {
  const { addons, install, read } = await shop('vault;SAFE_URL\n');
  await addons.release('shop');
  install('vault', { url: 'echo vault://moved' });
  expect(await addons.release('shop')).toMatchObject({ changed: ['SAFE_URL', 'X_VAULT_URL'] });
  expect(read('shop', 'ENV')).toContain("SAFE_URL='vault://moved'");
});

it('does not wait for what empties the trash, nor for what gives a line and needs a person', async () => {
  const { addons, journal } = await shop('');
  leave(addons, { kind: 'empty', addon: 'bare', app: 'shop', resource: '9', quarantine: 'look' });
  leave(addons, { kind: 'adopt', addon: 'third', app: 'shop', resource: '8', quarantine: 'look' });
  leave(addons, { kind: 'undo', addon: 'fourth', app: 'shop', resource: '7', quarantine: 'look' });
  expect(await addons.release('shop')).toMatchObject({ outcome: 'done' });
  expect(journal()).toHaveLength(3);
});

it.each(['remove', 'rotate', 'move'] as const)('waits for a %s of the app', async (kind) => {
  const { addons, read } = await shop('');
  leave(addons, { kind, addon: 'bare', app: 'shop', resource: '2', quarantine: 'look' });
  expect(await failure(addons.release('shop'))).toMatchObject({ code: 'quarantined' });
  expect(read('shop', 'ENV')).toBe('');
});

it('keeps to the lines where ADDONS.env is gone', async () => {
  const { addons, dir, read } = await shop('vault;SAFE_URL\n');
  rmSync(join(dir, 'ADDONS.env'));
  appendFileSync(join(dir, 'ENV'), 'SAFE_URL=mine\n');
  expect(await addons.release('shop')).toMatchObject({ configVars: ['X_BARE_URL', 'X_VAULT_URL'] });
  expect(read('shop', 'ENV')).toContain('SAFE_URL=mine\n');
});
