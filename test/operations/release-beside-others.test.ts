import { existsSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { leave } from './journal.ts';
import { failure, listener, platform } from './world.ts';

it('computes again when ADDONS changes between reading and writing', async () => {
  const { addons, app, enable, read, ran } = platform();
  const edit = 'a=$ADDON_DATA/../../shop/ADDONS; grep -q bare "$a" || echo "bare;1;" >>"$a"';
  await enable('vault', { url: `echo url >>"$ADDON_DATA/ran"; ${edit}; echo vault://x` });
  await enable('bare', {}, 'bare');
  app('shop', 'vault;1;x\n');
  expect(await addons.release('shop')).toMatchObject({ configVars: ['X_BARE_URL', 'X_VAULT_URL'] });
  expect(ran('vault')).toEqual(['enable', 'url', 'url']);
  expect(read('shop', 'ENV')).toBe("export X_VAULT_URL='vault://x'\nexport X_BARE_URL='bare://1'\n");
});

it('keeps what somebody writes to ENV meanwhile', async () => {
  const { addons, app, enable, read } = platform();
  const edit = 'e=$ADDON_DATA/../../shop/ENV; [ -e "$e" ] || echo "FOO=1" >"$e"';
  await enable('vault', { url: `${edit}; echo vault://x` });
  app('shop', 'vault;1;x\n');
  await addons.release('shop');
  expect(read('shop', 'ENV')).toBe("FOO=1\nexport X_VAULT_URL='vault://x'\n");
});

it('gives up when ADDONS never stays the same', async () => {
  const { addons, app, enable } = platform();
  await enable('vault', { url: 'echo "# $$" >>"$ADDON_DATA/../../shop/ADDONS"; echo vault://x' });
  app('shop', 'vault;1;x\n');
  expect(await failure(addons.release('shop'))).toMatchObject({
    code: 'busy',
    message: 'ADDONS or ENV of shop changed 20 times while it was released.',
  });
});

it('writes nothing to an app that is made again meanwhile', async () => {
  const { addons, app, enable } = platform();
  await enable('vault', { url: 'cd "$ADDON_DATA/../.."; mv shop gone; mkdir shop; echo vault://x' });
  const dir = app('shop', 'vault;1;x\n');
  expect(await addons.release('shop')).toMatchObject({ outcome: 'unchanged', configVars: [] });
  expect(existsSync(join(dir, 'ENV'))).toBe(false);
});

it.each([
  ['changed ENV', ''],
  ['found it right already', "export X_VAULT_URL='vault://new'\n"],
])('never lets the older of two releases win, when the younger %s', async (_, env) => {
  const { addons, app, enable, open, read } = platform();
  // The first answer is slow and stale; the second release comes and goes while it is under way.
  const answer =
    'if mkdir "$ADDON_DATA/first" 2>/dev/null; then sleep 0.5; echo vault://old; else echo vault://new; fi';
  await enable('vault', { url: answer });
  writeFileSync(join(app('shop', 'vault;1;x\n'), 'ENV'), env, { mode: 0o600 });
  const older = addons.release('shop');
  while (!existsSync(join(addons.platform.addonData('vault'), 'first'))) await pause(5);
  await open().release('shop');
  await older;
  expect(read('shop', 'ENV')).toBe("export X_VAULT_URL='vault://new'\n");
});

it('writes the variables in the order of the lines, whichever script is faster', async () => {
  const { addons, app, enable, read } = platform();
  await enable('slow', { url: 'sleep 0.2; echo slow://x' });
  await enable('fast', { url: 'echo fast://x' });
  app('shop', 'slow;1;\nfast;1;\n');
  await addons.release('shop');
  expect(read('shop', 'ENV')).toBe("export X_SLOW_URL='slow://x'\nexport X_FAST_URL='fast://x'\n");
});

it('runs the url scripts of an app at the same time', async () => {
  const { addons, app, enable } = platform();
  // Each waits until the other has begun.
  const meet = 'touch "$ADDON_DATA/../$ADDON.here"; while ! [ -e "$ADDON_DATA/../OTHER.here" ]; do sleep 0.01; done';
  await enable('one', { url: `${meet.replace('OTHER', 'two')}; echo x` });
  await enable('two', { url: `${meet.replace('OTHER', 'one')}; echo x` });
  app('shop', 'one;1;\ntwo;1;\n');
  // With one core there is one lane.
  if (availableParallelism() > 1) expect(await addons.release('shop')).toMatchObject({ outcome: 'done' });
});

it('finishes what an interrupted add left, so that its variable is there', async () => {
  const { addons, app, enable, read } = platform();
  await enable('vault');
  app('shop', 'vault;1;x\n');
  await enable('bare', {}, 'bare');
  leave(addons, { kind: 'add', addon: 'bare', app: 'shop', runs: [{ script: 'provision', out: 'b;', status: 0 }] });
  await addons.release('shop');
  expect(read('shop', 'ENV')).toContain("X_BARE_URL='bare://b'");
});

it('warns of an interrupted add that cannot be finished, and the others work', async () => {
  const { addons, app, enable, journal } = platform();
  const { events, onProgress } = listener();
  await enable('vault');
  app('shop', 'vault;1;x\n');
  await enable('bare', {}, 'bare');
  const id = leave(addons, { kind: 'add', addon: 'bare', app: 'shop', runs: [{ script: 'provision' }] });
  expect(await addons.release('shop', { onProgress })).toMatchObject({ changed: ['X_VAULT_URL'] });
  expect(events).toContainEqual({ type: 'warning', message: expect.stringContaining('needs a person') });
  expect(journal()).toEqual([id]);
});

it('brings an interrupted remove to its end first', async () => {
  const { addons, app, enable, read } = platform();
  await enable('vault');
  app('shop', 'vault;1;x\n');
  leave(addons, { kind: 'remove', addon: 'vault', app: 'shop', resource: '1' });
  expect(await addons.release('shop')).toMatchObject({ configVars: [] });
  expect(read('shop', 'ADDONS')).toBe('');
});

it('leaves alone what other apps and add-ons have under way', async () => {
  const { addons, app, enable, journal } = platform();
  await enable('vault');
  app('shop', 'vault;1;x\n');
  app('blog');
  leave(addons, { kind: 'add', addon: 'vault', app: 'blog', quarantine: 'look at it' });
  expect(await addons.release('shop')).toMatchObject({ outcome: 'done' });
  expect(journal()).toHaveLength(1);
});

it('removes the temporary files that a dead process left in the app', async () => {
  const { addons, app, enable } = platform();
  await enable('vault');
  const dir = app('shop', 'vault;1;x\n');
  const left = join(dir, '.ENV.999999999.0123456789ab.tmp');
  const mine = join(dir, '.ENV.tmp');
  writeFileSync(left, 'half');
  writeFileSync(mine, 'not ours');
  await addons.release('shop');
  expect([existsSync(left), existsSync(mine)]).toEqual([false, true]);
});
