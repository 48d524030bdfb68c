import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Progress } from '../../lib/operations/results.ts';
import { findApp } from '../../lib/state/apps.ts';
import { nodeDisk } from '../../lib/state/disk.ts';
import { withLock } from '../../lib/state/lock.ts';
import { currentProcess } from '../../lib/state/process-identity.ts';
import { leave } from './journal.ts';
import { failure, listener, platform, type World } from './world.ts';

const provisionDuring = async ({ app, enable }: World) => {
  app('shop');
  await enable('vault', {
    provision: 'echo "shop-1;x"; touch "$ADDON_DATA/started"; while ! [ -e "$ADDON_DATA/go" ]; do sleep 0.01; done',
  });
};

async function started({ addons }: World) {
  const data = addons.platform.addonData('vault');
  while (statSync(join(data, 'started'), { throwIfNoEntry: false }) === undefined)
    await new Promise((resolve) => setTimeout(resolve, 10));
  return () => writeFileSync(join(data, 'go'), '');
}

it('follows an app that is renamed meanwhile', async () => {
  const world = platform();
  await provisionDuring(world);
  const adding = world.addons.add('shop', 'vault');
  const go = await started(world);
  renameSync(world.addons.platform.appDir('shop'), world.addons.platform.appDir('store'));
  go();
  await adding;
  expect(world.read('store', 'ADDONS')).toBe('vault;shop-1;x\n');
});

it('sets an add aside whose id appears in the line of another app at the last moment', async () => {
  const world = platform();
  const { addons, app, journal, ran } = world;
  await provisionDuring(world);
  const blog = app('blog');
  let onProgress: ((event: Progress) => void) | undefined;
  const adding = failure(addons.add('shop', 'vault', { onProgress: (event) => onProgress?.(event) }));
  const go = await started(world);
  const shop = findApp(addons.platform, 'shop');
  await withLock(addons.platform.locks, `app-${shop.key}`, { label: 'shop', deadline: Date.now() + 5000 }, async () => {
    const waiting = new Promise((resolve) => {
      onProgress = resolve;
    });
    go();
    await waiting; // it has looked who holds the id, and now wants to write its line
    writeFileSync(join(blog, 'ADDONS'), 'vault;shop-1;x\n', { mode: 0o600 });
  });
  expect(await adding).toMatchObject({ code: 'quarantined' });
  expect([world.read('shop', 'ADDONS'), ran('vault'), journal().length]).toEqual(['', ['enable'], 1]);
});

it('unprovisions for an app that is deleted, or made again, meanwhile', async () => {
  const world = platform();
  await provisionDuring(world);
  const adding = world.addons.add('shop', 'vault');
  const go = await started(world);
  rmSync(world.addons.platform.appDir('shop'), { recursive: true });
  mkdirSync(join(world.addons.platform.appsRoot, 'placeholder')); // so that the inode is not given out again
  world.app('shop');
  go();
  expect(await failure(adding)).toMatchObject({
    code: 'app-not-found',
    message: 'The app shop was deleted meanwhile; its new vault was unprovisioned.',
  });
  expect([world.read('shop', 'ADDONS'), world.ran('vault').at(-1)]).toEqual(['', 'unprovision shop-1']);
});

it('steps back when a disable begins, or ends, between its first look and its own entry', async () => {
  const { addons, app, enable, open, journal, ran } = platform();
  await enable('vault');
  app('shop');
  const adding = (onEntry: () => void) => {
    const rename = async (from: string, to: string) => {
      await nodeDisk.rename(from, to);
      if (from.includes('/journal/tmp.')) onEntry();
    };
    return failure(open({ disk: { ...nodeDisk, rename } }).add('shop', 'vault'));
  };
  const disabling = () => void leave(addons, { kind: 'disable', addon: 'vault', owner: currentProcess() });
  expect(await adding(disabling)).toMatchObject({
    code: 'busy',
    message: expect.stringContaining('is being disabled'),
  });
  rmSync(addons.platform.journal, { recursive: true });
  expect(await adding(() => rmSync(addons.platform.marker('vault')))).toMatchObject({ code: 'not-enabled' });
  expect([journal(), ran('vault')]).toEqual([[], ['enable']]);
});

it('clears what an interrupted add left for an app that is gone, which nobody else comes by', async () => {
  const { addons, app, enable, ran, journal } = platform();
  const { events, onProgress } = listener();
  await enable('vault');
  for (const name of ['gone', 'lost', 'shop']) app(name);
  const runs = [{ script: 'provision', out: 'gone-1;x\n', status: 0 }];
  leave(addons, { kind: 'add', addon: 'vault', app: 'gone', runs });
  const bad = [{ script: 'provision', out: 'no semicolon', status: 0 }];
  const stays = leave(addons, { kind: 'add', addon: 'vault', app: 'lost', runs: bad });
  for (const name of ['gone', 'lost']) rmSync(addons.platform.appDir(name), { recursive: true });
  expect(await addons.add('shop', 'vault', { onProgress })).toMatchObject({ outcome: 'done' });
  expect([ran('vault').includes('unprovision gone-1'), journal()]).toEqual([true, [stays]]);
  expect(events).toContainEqual({ type: 'warning', message: expect.stringContaining('needs a person') });
});
