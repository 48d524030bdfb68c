import { rmSync } from 'node:fs';
import { expect, it } from 'vitest';
import { leave } from './journal.ts';
import { failure, listener, platform, type World } from './world.ts';

/** The app `shop` has `vault`, released. */
async function world(files = {}): Promise<World & { id: string }> {
  const made = platform();
  await made.enable('vault', files);
  made.app('shop');
  const { id = '' } = await made.addons.add('shop', 'vault');
  await made.addons.release('shop');
  return { ...made, id };
}

it('gives the line a new secret and leaves ENV to the next release', async () => {
  const { addons, id, read, journal, ran } = await world();
  const env = read('shop', 'ENV');
  expect(await addons.rotate('shop', 'vault')).toEqual({
    app: 'shop',
    addon: 'vault',
    outcome: 'done',
    id,
    configVars: ['X_VAULT_URL'],
    steps: [],
  });
  expect(read('shop', 'ADDONS')).toMatch(new RegExp(`^vault;${id};hunter3-\\w+\n$`));
  expect([read('shop', 'ENV'), journal(), ran('vault').at(-1)]).toEqual([env, [], `rotate ${id}`]);
  expect(await addons.release('shop')).toMatchObject({ changed: ['X_VAULT_URL'] });
  expect(read('shop', 'ENV')).toContain(read('shop', 'ADDONS').trim().split(';').at(-1));
});

it('twice in a row gives two secrets', async () => {
  const { addons, read } = await world();
  await addons.rotate('shop', 'vault');
  const first = read('shop', 'ADDONS');
  await addons.rotate('shop', 'vault');
  expect(read('shop', 'ADDONS')).not.toBe(first);
});

it('names all variables that the next release changes', async () => {
  const { addons } = await world();
  await addons.add('shop', 'vault', { env: 'DATABASE_URL' });
  expect(await addons.rotate('shop', 'vault')).toMatchObject({ configVars: ['X_VAULT_URL', 'DATABASE_URL'] });
});

it('keeps every other line, whatever it holds', async () => {
  const { addons, app, enable, read } = platform();
  await enable('vault', { rotate: 'echo "new $1"' });
  app('shop', 'first;1;x\nbroken\nvault;ä/b|c $(d);old\nlast;2;y\n');
  await addons.rotate('shop', 'vault');
  expect(read('shop', 'ADDONS')).toBe('first;1;x\nbroken\nvault;ä/b|c $(d);new ä/b|c $(d)\nlast;2;y\n');
});

it('refuses wrong names, and says what is there', async () => {
  const { addons, app, enable, install } = await world();
  await enable('spare');
  install('off');
  app('blog', 'off;1;\n');
  expect(await failure(addons.rotate('shpo', 'vault'))).toMatchObject({
    code: 'app-not-found',
    message: expect.stringContaining('Did you mean "shop"?'),
  });
  expect(await failure(addons.rotate('shop', 'valt'))).toMatchObject({
    code: 'addon-not-found',
    message: expect.stringContaining('Did you mean "vault"?'),
  });
  expect(await failure(addons.rotate('shop', '../vault'))).toMatchObject({ code: 'usage' });
  expect(await failure(addons.rotate('shop', 'spare'))).toMatchObject({
    code: 'resource-not-found',
    hint: 'It has: vault.',
  });
  expect(await failure(addons.rotate('blog', 'off'))).toMatchObject({
    code: 'not-enabled',
    hint: 'Enable it first: addons enable off',
  });
});

it('refuses an add-on that cannot rotate, before anything is written', async () => {
  const { addons, install, journal, read } = await world();
  const lines = read('shop', 'ADDONS');
  install('vault', { rotate: undefined });
  expect(await failure(addons.rotate('shop', 'vault'))).toMatchObject({
    code: 'script-not-found',
    message: 'The add-on vault has no rotate script.',
  });
  expect([journal(), read('shop', 'ADDONS')]).toEqual([[], lines]);
});

it('refuses while ADDONS has two lines for that add-on', async () => {
  const { addons, app, enable, ran } = platform();
  await enable('vault');
  app('shop', 'vault;1;\nvault;2;\n');
  expect(await failure(addons.rotate('shop', 'vault'))).toMatchObject({ code: 'conflict' });
  expect(ran('vault')).toEqual(['enable']);
});

it.each([
  ['nothing', ':', 'script-output', 'printed nothing'],
  ['two lines', 'echo s3cret; echo s3cret', 'script-output', 'printed two lines'],
  ['a semicolon', 'echo "1;s3cret"', 'script-output', 'semicolon'],
  ['a failure', 'echo s3cret; echo "no s3cret" >&2; exit 3', 'script-failed', 'exit status 3'],
])('keeps the line when rotate gives %s, and gives no secret away', async (_, rotate, code, message) => {
  const { addons, read, journal } = await world({ rotate });
  const lines = read('shop', 'ADDONS');
  const error = await failure(addons.rotate('shop', 'vault'));
  expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain('s3cret');
  expect([read('shop', 'ADDONS'), journal()]).toEqual([lines, []]);
});

it('that took too long is run again by the next command, as the same operation', async () => {
  const { addons, install, id, read, journal } = await world({
    rotate: 'echo $ADDONS_OP_ID >>"$ADDON_DATA/ops"; sleep 20',
  });
  const error = await failure(addons.rotate('shop', 'vault', { timeout: 0.3 }));
  expect(error).toMatchObject({ code: 'script-timeout', message: expect.stringContaining(`the line of ${id} stays`) });
  const [operation] = journal();
  install('vault', { rotate: 'echo "again-$ADDONS_OP_ID"' });
  // A release must not hand out a secret that may be void.
  await addons.release('shop');
  expect(read('shop', 'ADDONS')).toBe(`vault;${id};again-${operation}\n`);
  expect([read('shop', 'ENV').includes(`again-${operation}`), journal()]).toEqual([true, []]);
});

it('can be interrupted, and nothing is lost', async () => {
  const { addons, install, id, read, begun } = await world({ rotate: 'echo begun >"$ADDON_DATA/begun"; sleep 20' });
  const controller = new AbortController();
  const rotating = failure(addons.rotate('shop', 'vault', { signal: controller.signal }));
  await begun();
  await expect.poll(() => addons.list('shop')).toMatchObject({ resources: [{ state: 'rotating' }] });
  controller.abort();
  expect(await rotating).toMatchObject({ code: 'aborted' });
  install('vault', { rotate: 'echo later' });
  expect(await addons.rotate('shop', 'vault')).toMatchObject({ outcome: 'done' });
  expect(read('shop', 'ADDONS')).toBe(`vault;${id};later\n`);
});

it('is refused beside a remove under way that nobody waits for', async () => {
  const { addons, install, open, begun } = await world();
  install('vault', { unprovision: 'sleep 0.4' });
  const removing = addons.remove('shop', 'vault');
  await begun();
  expect(await failure(open().rotate('shop', 'vault', { wait: 0 }))).toMatchObject({
    code: 'busy',
    hint: expect.stringContaining('--wait SECONDS'),
  });
  expect(await removing).toMatchObject({ outcome: 'done' });
});

it('two at once are both done, one after the other', async () => {
  const { addons, open, ran, id } = await world();
  const results = await Promise.all([addons.rotate('shop', 'vault'), open().rotate('shop', 'vault')]);
  expect(results.map(({ outcome }) => outcome)).toEqual(['done', 'done']);
  expect(ran('vault').filter((line) => line === `rotate ${id}`)).toHaveLength(2);
});

it('for a line that went meanwhile leaves nothing, and says so', async () => {
  const { addons, journal } = await world({ rotate: 'rm "$ADDON_DATA/../../shop/ADDONS"; echo new' });
  await failure(addons.rotate('shop', 'vault'));
  expect(journal()).toEqual([]);
});

it('of an app that is gone is withdrawn by recovery', async () => {
  const { addons, app, id, journal, ran } = await world();
  leave(addons, { kind: 'rotate', addon: 'vault', app: 'shop', resource: id });
  rmSync(addons.platform.appDir('shop'), { recursive: true });
  app('shop');
  await addons.add('shop', 'vault');
  expect([journal(), ran('vault').some((line) => line.startsWith('rotate'))]).toEqual([[], false]);
});

it('tells its step and never the secret', async () => {
  const { addons } = await world();
  const { events, onProgress } = listener();
  await addons.rotate('shop', 'vault', { onProgress });
  expect(events).toEqual([{ type: 'step', message: 'Rotating the secret of vault for shop' }]);
});

it('refuses what another app holds, too: its secret would change as well', async () => {
  const { addons, app, enable, read, ran } = platform();
  await enable('vault');
  app('shop');
  await addons.add('shop', 'vault');
  const line = read('shop', 'ADDONS');
  app('thief', line);
  expect(await failure(addons.rotate('thief', 'vault'))).toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('shop holds'),
    hint: expect.stringContaining('addons remove <app> vault --forget'),
  });
  expect(await failure(addons.rotate('thief', 'vault', { dryRun: true }))).toMatchObject({ code: 'conflict' });
  expect(ran('vault').some((what) => what.startsWith('rotate'))).toBe(false);
  expect(read('shop', 'ADDONS')).toBe(line);
});
