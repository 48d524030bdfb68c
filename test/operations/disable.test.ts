import { existsSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failure, platform } from './world.ts';

it('runs the script and drops the marker', async () => {
  const { addons, enable, ran, journal } = platform();
  await enable('vault');
  expect(await addons.disable('vault')).toEqual({ addon: 'vault', outcome: 'done', removed: [], steps: [] });
  expect(ran('vault')).toEqual(['enable', 'disable']);
  expect(existsSync(addons.platform.marker('vault'))).toBe(false);
  expect(journal()).toEqual([]);
});

it('changes nothing where it is disabled already', async () => {
  const { addons, install, ran } = platform();
  install('vault');
  expect(await addons.disable('vault')).toMatchObject({ outcome: 'unchanged' });
  expect(ran('vault')).toEqual([]);
});

it('is refused while apps use it, naming them, and they keep it', async () => {
  const { addons, enable, app, ran, journal } = platform();
  await enable('vault');
  for (const name of ['shop', 'blog']) {
    app(name);
    await addons.add(name, 'vault');
  }
  const error = await failure(addons.disable('vault'));
  expect(error).toMatchObject({ code: 'in-use', message: 'vault is in use by 2 apps: blog, shop.' });
  expect(error.hint).toContain('--force');
  expect(ran('vault')).not.toContain('disable');
  expect(journal()).toEqual([]);
  expect((await addons.list('shop')).resources).toMatchObject([{ addon: 'vault', state: 'ok' }]);
});

it('names ten of many apps', async () => {
  const { addons, enable, app } = platform();
  await enable('vault');
  for (let i = 10; i < 22; i++) app(`app${i}`, `vault;${i};\n`);
  expect((await failure(addons.disable('vault'))).message).toMatch(/12 apps: app10, .*app19 and 2 more\.$/);
});

it('removes it from every app first when forced', async () => {
  const { addons, enable, app, ledger, read } = platform();
  await enable('vault');
  for (const name of ['shop', 'blog']) {
    app(name);
    await addons.add(name, 'vault');
    await addons.release(name);
  }
  const { outcome, removed } = await addons.disable('vault', { force: true });
  expect([outcome, removed.map(({ app: name, outcome: end }) => `${name} ${end}`)]).toEqual([
    'done',
    ['blog done', 'shop done'],
  ]);
  expect([ledger('vault'), read('shop', 'ADDONS'), read('shop', 'ENV'), read('blog', 'ENV')]).toEqual([[], '', '', '']);
});

it('stays enabled when one of the forced removes fails', async () => {
  const { addons, enable, app, journal, read } = platform();
  await enable('vault', { unprovision: 'case $1 in shop*) exit 1 ;; esac' });
  for (const name of ['blog', 'shop']) {
    app(name);
    await addons.add(name, 'vault');
  }
  expect(await failure(addons.disable('vault', { force: true }))).toMatchObject({ code: 'script-failed' });
  expect([read('blog', 'ADDONS'), journal()]).toEqual(['', []]);
  expect(read('shop', 'ADDONS')).toMatch(/^vault;/);
  expect(existsSync(addons.platform.marker('vault'))).toBe(true);
});

it('that fails keeps new adds out, leaves the marker, and the next one goes on', async () => {
  const { addons, enable, install, app, journal, ran } = platform();
  app('shop');
  await enable('vault', { disable: 'echo still warm >&2; exit 1' });
  expect(await failure(addons.disable('vault'))).toMatchObject({
    code: 'script-failed',
    message: expect.stringContaining('vault stays enabled and accepts no new apps until it is disabled: still warm'),
  });
  expect(journal()).toHaveLength(1);
  expect(existsSync(addons.platform.marker('vault'))).toBe(true);
  expect(await failure(addons.add('shop', 'vault'))).toMatchObject({ code: 'script-failed' });
  expect(await failure(addons.disable('vault'))).toMatchObject({ code: 'script-failed' });
  expect(ran('vault')).toEqual(['enable']);

  install('vault', { disable: 'exit 0' });
  expect(await addons.disable('vault')).toMatchObject({ outcome: 'done' });
  expect(existsSync(addons.platform.marker('vault'))).toBe(false);
  expect(journal()).toEqual([]);
});

it('counts an ADDONS file that it cannot read as in use', async () => {
  const { addons, enable, app } = platform();
  await enable('vault');
  const link = join(app('shop'), 'ADDONS');
  symlinkSync('/dev/null', link);
  expect(await failure(addons.disable('vault', { force: true }))).toMatchObject({
    code: 'malformed',
    message: `${link} is a symbolic link.`,
  });
  unlinkSync(link);
  expect(await addons.disable('vault')).toMatchObject({ outcome: 'done' });
});

it('waits for an add under way, and then sees its line', async () => {
  const { addons, enable, app, open, ran } = platform();
  app('shop');
  await enable('vault', { provision: 'echo provision >>"$ADDON_DATA/ran"; sleep 0.3; echo "$ADDONS_OP_ID;"' });
  const adding = addons.add('shop', 'vault');
  while (!ran('vault').includes('provision')) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await failure(open().disable('vault'))).toMatchObject({ code: 'in-use' });
  expect(await adding).toMatchObject({ outcome: 'done' });
});

it('makes an add that starts meanwhile step back', async () => {
  const { addons, enable, app, open, journal, read, begun } = platform();
  app('shop');
  await enable('vault', { disable: 'sleep 0.3' });
  const disabling = addons.disable('vault');
  await begun();
  const error = await failure(open().add('shop', 'vault', { wait: 0 }));
  expect(['busy', 'not-enabled']).toContain(error.code);
  expect(await disabling).toMatchObject({ outcome: 'done' });
  expect([read('shop', 'ADDONS'), journal()]).toEqual(['', []]);
});

it('knows no add-on of that name, and none with a bad one', async () => {
  const { addons, enable } = platform();
  await enable('vault');
  expect(await failure(addons.disable('valut'))).toMatchObject({
    code: 'addon-not-found',
    message: expect.stringContaining('"vault"'),
  });
  expect(await failure(addons.disable('../vault'))).toMatchObject({ code: 'usage' });
  expect(await failure(addons.disable('db'))).toMatchObject({ code: 'not-enabled' });
  expect(readFileSync(addons.platform.marker('vault'), 'utf8')).toBe('');
});

describe('while the trash holds a resource of it', () => {
  async function trashed() {
    const made = platform();
    await made.enable('vault');
    made.app('shop');
    const { id = '' } = await made.addons.add('shop', 'vault');
    await made.addons.remove('shop', 'vault', { keepFor: 60 });
    return { ...made, id };
  }

  it('is refused, and nothing is lost', async () => {
    const { addons, ran, journal } = await trashed();
    for (const dryRun of [true, false]) {
      expect(await failure(addons.disable('vault', { dryRun }))).toMatchObject({
        code: 'in-use',
        message: 'The trash holds 1 resource of vault.',
        hint: 'Bring them back with "addons undo", or lose their data: addons disable vault --force',
      });
    }
    expect([ran('vault').includes('disable'), journal(), (await addons.trash()).length]).toEqual([false, [], 1]);
    expect(await addons.undo('shop', 'vault')).toMatchObject({ outcome: 'done' });
  });

  it('destroys it when forced, and says so', async () => {
    const { addons, id, ran } = await trashed();
    expect(await addons.disable('vault', { force: true })).toMatchObject({
      outcome: 'done',
      removed: [{ app: 'shop', addon: 'vault', id, resource: 'destroyed', outcome: 'done' }],
    });
    expect([ran('vault').slice(-2), await addons.trash()]).toEqual([[`unprovision ${id}`, 'disable'], []]);
  });

  it('leaves alive what is marked as kept, in the trash and in an app', async () => {
    const { addons, app, id, ran, read, install } = await trashed();
    install('vault', { disable: 'exit 0' });
    await addons.undo('shop', 'vault');
    app('blog');
    const { id: second = '' } = await addons.add('blog', 'vault');
    for (const [name, one] of [
      ['shop', id],
      ['blog', second],
    ] as const) {
      await addons.adopt(name, 'vault', { id: one, private: '' }, { keep: true });
    }
    await addons.remove('shop', 'vault', { keepFor: 60 });
    expect((await addons.disable('vault', { force: true })).removed).toMatchObject([
      { app: 'blog', id: second, resource: 'kept' },
      { app: 'shop', id, resource: 'kept' },
    ]);
    expect([read('blog', 'ADDONS'), await addons.trash()]).toEqual(['', []]);
    expect(ran('vault').filter((line) => line.startsWith('unprovision'))).toEqual([]);
  });
});

it.each([false, true])('stops at a trash record that cannot be read, which may be of it (force: %s)', async (force) => {
  const { addons, enable, app, ran, ledger, journal } = platform();
  await enable('vault');
  app('shop');
  const { id } = await addons.add('shop', 'vault');
  await addons.remove('shop', 'vault', { keepFor: 3600 });
  const [item] = await addons.trash();
  writeFileSync(join(addons.platform.trash, item?.operation ?? ''), '{');
  expect(await failure(addons.disable('vault', { force }))).toMatchObject({ code: 'malformed' });
  expect([ran('vault').includes('disable'), ledger('vault'), journal()]).toEqual([false, [id], []]);
});
