import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Disk, nodeDisk } from '../../lib/state/disk.ts';
import { leave } from './journal.ts';
import { failure, platform, type World } from './world.ts';

/** The app `shop` had `vault` with an extra name, released; it is in the trash now. */
async function world(): Promise<World & { id: string; dir: string; before: string[]; files(): string[] }> {
  const made = platform();
  await made.enable('vault');
  const dir = made.app('shop');
  writeFileSync(join(dir, 'ENV'), '# mine\nFOO=1\n');
  const { id = '' } = await made.addons.add('shop', 'vault', { env: 'SAFE_URL' });
  await made.addons.release('shop');
  const files = () =>
    ['ADDONS', 'ADDONS.env', 'ENV'].map((name) =>
      existsSync(join(dir, name)) ? readFileSync(join(dir, name), 'utf8') : '',
    );
  const before = files();
  await made.addons.remove('shop', 'vault', { keepFor: 3600 });
  return { ...made, id, dir, before, files };
}

it('brings line and names back; after a release the app has exactly its old files', async () => {
  const { addons, id, before, files, journal, ran } = await world();
  expect(files()).toEqual(['', '', '# mine\nFOO=1\n']);
  expect(await addons.undo('shop', 'vault')).toEqual({
    app: 'shop',
    addon: 'vault',
    outcome: 'done',
    id,
    configVar: 'X_VAULT_URL',
    env: ['SAFE_URL'],
    steps: [],
  });
  expect(await addons.release('shop')).toMatchObject({ changed: ['SAFE_URL', 'X_VAULT_URL'] });
  expect(files()).toEqual(before);
  expect([await addons.trash(), journal(), ran('vault').includes(`unprovision ${id}`)]).toEqual([[], [], false]);
  expect((await addons.check()).findings).toEqual([]);
});

it('twice in a row finds nothing the second time', async () => {
  const { addons } = await world();
  await addons.undo('shop', 'vault');
  const error = await failure(addons.undo('shop', 'vault'));
  expect(error.code).toMatch(/^(conflict|resource-not-found)$/);
});

it('two at once bring it back once', async () => {
  const { addons, open, before, files } = await world();
  const ends = await Promise.allSettled([addons.undo('shop', 'vault'), open().undo('shop', 'vault')]);
  expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(files().slice(0, 2)).toEqual(before.slice(0, 2));
});

it('of several, brings back the newest, then the one before', async () => {
  const { addons, id } = await world();
  const { id: second = '' } = await addons.add('shop', 'vault');
  await addons.remove('shop', 'vault', { keepFor: 60 });
  expect(await addons.undo('shop', 'vault')).toMatchObject({ id: second, env: [] });
  await addons.remove('shop', 'vault');
  expect(await addons.undo('shop', 'vault')).toMatchObject({ id, env: ['SAFE_URL'] });
});

it('works for an app that was deleted and made again', async () => {
  const { addons, app, id, dir, read } = await world();
  rmSync(dir, { recursive: true });
  expect(await failure(addons.undo('shop', 'vault'))).toMatchObject({ code: 'app-not-found' });
  app('shop');
  expect(await addons.undo('shop', 'vault')).toMatchObject({ id });
  expect(read('shop', 'ADDONS')).toMatch(`vault;${id};`);
});

it('works for an app that was renamed, under its new name', async () => {
  const { addons, id } = await world();
  await addons.rename('shop', 'store');
  expect(await addons.trash()).toMatchObject([{ id }]);
  expect(await addons.undo('store', 'vault')).toMatchObject({ app: 'store', id });
});

it('does not give an app what belongs to another of its old name', async () => {
  const { addons, app, id } = await world();
  await addons.rename('shop', 'store');
  app('shop');
  expect(await failure(addons.undo('shop', 'vault'))).toMatchObject({ code: 'resource-not-found' });
  expect(await addons.undo('store', 'vault')).toMatchObject({ id });
});

describe('is refused', () => {
  it('where there is nothing', async () => {
    const { addons, app, enable } = await world();
    await enable('spare');
    app('blog');
    expect(await failure(addons.undo('blog', 'vault'))).toMatchObject({
      code: 'resource-not-found',
      message: 'There is no vault of blog in the trash.',
      hint: 'See what is: addons trash',
    });
    expect(await failure(addons.undo('shop', 'spare'))).toMatchObject({ code: 'resource-not-found' });
    expect(await failure(addons.undo('shop', 'valt'))).toMatchObject({ code: 'addon-not-found' });
    expect(await failure(addons.undo('shpo', 'vault'))).toMatchObject({ code: 'app-not-found' });
  });

  it('while the app has another one, naming a way that works', async () => {
    const { addons, id } = await world();
    const { id: second } = await addons.add('shop', 'vault');
    expect(await failure(addons.undo('shop', 'vault'))).toMatchObject({
      code: 'conflict',
      hint: 'Put that one in the trash first: addons remove shop vault --keep-for 7d',
    });
    await addons.remove('shop', 'vault', { keepFor: 7 * 86_400 });
    // Now that one is the newest.
    expect(await addons.undo('shop', 'vault')).toMatchObject({ id: second });
    expect((await addons.trash()).map((item) => item.id)).toEqual([id]);
  });

  it('while the add-on is disabled', async () => {
    const { addons, files } = await world();
    rmSync(addons.platform.marker('vault'));
    expect(await failure(addons.undo('shop', 'vault'))).toMatchObject({ code: 'not-enabled' });
    expect([files()[0], (await addons.trash()).length]).toEqual(['', 1]);
  });

  it('while ENV sets one of the names to something else: nothing of the user’s is overwritten', async () => {
    const { addons, dir, before, files } = await world();
    writeFileSync(join(dir, 'ENV'), 'SAFE_URL=mine\n');
    expect(await failure(addons.undo('shop', 'vault'))).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('SAFE_URL'),
    });
    expect([files()[2], (await addons.trash()).length]).toEqual(['SAFE_URL=mine\n', 1]);
    writeFileSync(join(dir, 'ENV'), '');
    await addons.undo('shop', 'vault');
    expect(files()[1]).toBe(before[1]);
  });

  it('beside an operation under way that nobody waits for', async () => {
    const { addons, open, install, begun } = await world();
    install('vault', { provision: 'sleep 0.4; echo "p1;"' });
    const adding = addons.add('shop', 'vault');
    await begun();
    expect(await failure(open().undo('shop', 'vault', { wait: 0 }))).toMatchObject({ code: 'busy' });
    await adding;
  });
});

it('that died is brought to its end by the next change', async () => {
  const { addons, id, before, files, journal } = await world();
  const [item] = await addons.trash();
  leave(addons, { kind: 'undo', addon: 'vault', app: 'shop', resource: id, more: { trashed: item?.operation ?? '' } });
  await addons.release('shop');
  expect(await addons.add('shop', 'vault')).toMatchObject({ outcome: 'unchanged', id });
  await addons.release('shop');
  expect([files(), await addons.trash(), journal()]).toEqual([before, [], []]);
});

it('that died leaves out a name that ENV sets by now', async () => {
  const { addons, id, dir, files, journal } = await world();
  const [item] = await addons.trash();
  leave(addons, { kind: 'undo', addon: 'vault', app: 'shop', resource: id, more: { trashed: item?.operation ?? '' } });
  writeFileSync(join(dir, 'ENV'), "SAFE_URL='mine'\n");
  await addons.release('shop');
  expect(files()[1]).toBe('');
  expect(files()[2]).toContain("SAFE_URL='mine'\n");
  expect([await addons.trash(), journal()]).toEqual([[], []]);
});

it('has its names in the journal, so that nobody takes them meanwhile', async () => {
  const { addons, open, enable, journal } = await world();
  await enable('other');
  const seen: unknown[] = [];
  const disk: Disk = {
    ...nodeDisk,
    unlink: async (path) => {
      if (path.startsWith(addons.platform.trash))
        seen.push(JSON.parse(readFileSync(join(addons.platform.journal, journal()[0] ?? '', 'op'), 'utf8')).env);
      await nodeDisk.unlink(path);
    },
  };
  await open({ disk }).undo('shop', 'vault');
  expect(seen).toEqual([['SAFE_URL']]);
});

it('of an app that was renamed since goes by its new name', async () => {
  const { addons, id, app, enable } = await world();
  await enable('other');
  await addons.rename('shop', 'store');
  expect(await addons.trash()).toMatchObject([{ app: 'store', id }]);
  app('blog');
  expect(await failure(addons.adopt('blog', 'vault', { id, private: 'x' }))).toMatchObject({
    hint: 'Bring it back first: addons undo store vault',
  });
  expect(await addons.undo('store', 'vault')).toMatchObject({ id });
});

it('that died, of an app that is gone, leaves the resource in the trash', async () => {
  const { addons, app, id, dir, journal } = await world();
  const [item] = await addons.trash();
  leave(addons, { kind: 'undo', addon: 'vault', app: 'shop', resource: id, more: { trashed: item?.operation ?? '' } });
  rmSync(dir, { recursive: true });
  app('blog');
  await addons.add('blog', 'vault');
  expect([journal(), (await addons.trash()).map((one) => one.id)]).toEqual([[], [id]]);
});

it('a dry run changes nothing and refuses alike', async () => {
  const { addons, tree, id, app } = await world();
  app('blog');
  const before = tree();
  expect(await addons.undo('shop', 'vault', { dryRun: true })).toMatchObject({
    outcome: 'planned',
    id,
    env: ['SAFE_URL'],
    steps: [expect.stringContaining(`the line of ${id}`), expect.stringContaining('out of the trash')],
  });
  expect(await failure(addons.undo('blog', 'vault', { dryRun: true }))).toMatchObject({ code: 'resource-not-found' });
  expect(tree()).toEqual(before);
});
