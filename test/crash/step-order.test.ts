import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPlatform } from '../../lib/open-platform.ts';
import { readRegularFile, replaceFile } from '../../lib/state/atomic-file.ts';
import { nodeDisk } from '../../lib/state/disk.ts';
import { beginEntry, deleteEntry, newOperationId } from '../../lib/state/journal.ts';
import { openStore } from '../../lib/state/store.ts';
import { readFacts } from './facts.ts';
import { type Step, steppingDisk } from './stepping-disk.ts';
import { openWorkshop, type Workshop, type World } from './world.ts';

// Power loss cannot be tried here. What it leaves is decided by the order of writing, fsync and rename.

let workshop: Workshop;
let world: World;
let steps: Step[];
const disk = steppingDisk(nodeDisk, { before: (_, step) => steps.push(step) });
beforeAll(async () => {
  workshop = await openWorkshop();
  world = await workshop.makeWorld().prepare([['enable', 'db']]);
});
afterAll(() => workshop.remove());

/** What each step does, with the names of files without their random parts. */
async function record(work: () => Promise<unknown>): Promise<string[]> {
  steps = [];
  await work();
  return steps.map(({ what, path, to }) => [what, plain(path), ...(to ? ['to', plain(to)] : [])].join(' '));
}

const plain = (path: string) =>
  path
    .replace(world.home, '')
    .replace(/\.([\w.]+)\.\d+\.[0-9a-f]+\.tmp/, '.$1.tmp')
    .replace(/tmp\.[^/]+/, 'tmp')
    .replace(/journal\/[0-9a-z]{20}/, 'journal/ENTRY')
    .replace(/trash\/(\.?)[0-9a-z]{20}/, 'trash/$1RECORD');

describe('after a power loss', () => {
  it('a replaced file is the old or the new: synced, then renamed, then its directory synced', async () => {
    const path = `${world.home}/apps/blog/ENV`;
    const order = await record(() => replaceFile(disk, path, 'A=1\n', readRegularFile(path), undefined));
    // createFile fsyncs before it returns.
    expect(order).toEqual([
      'createFile /apps/blog/.ENV.tmp',
      'rename /apps/blog/.ENV.tmp to /apps/blog/ENV',
      'sync /apps/blog',
    ]);
  });

  it('an entry is there whole or not at all, and goes whole', async () => {
    const store = openStore(world.platform.platform, disk);
    const operation = { version: 1, id: newOperationId(), kind: 'enable', addon: 'none', started: '' } as const;
    const order = await record(async () => deleteEntry(store, await beginEntry(store, operation)));
    expect(order).toEqual([
      'makeDirectory /lib/journal/tmp',
      'createFile /lib/journal/tmp/op',
      'createFile /lib/journal/tmp/owner',
      'sync /lib/journal/tmp',
      'rename /lib/journal/tmp to /lib/journal/ENTRY',
      'sync /lib/journal',
      'rename /lib/journal/ENTRY to /lib/journal/tmp',
      'sync /lib/journal',
      'removeTree /lib/journal/tmp',
    ]);
  });

  it('an add has its entry before the run, the run before the line, the line before the entry goes', async () => {
    const platform = openPlatform({ ...world.paths, disk });
    const order = await record(() => platform.add('shop', 'db'));
    expect(order.slice(6)).toEqual([
      'makeDirectory /lib/journal/ENTRY/run.1',
      'createFile /lib/journal/ENTRY/run.1/run',
      'sync /lib/journal/ENTRY/run.1',
      'sync /lib/journal/ENTRY',
      'createFile /apps/shop/.ADDONS.tmp',
      'rename /apps/shop/.ADDONS.tmp to /apps/shop/ADDONS',
      'sync /apps/shop',
      'rename /lib/journal/ENTRY to /lib/journal/tmp',
      'sync /lib/journal',
      'removeTree /lib/journal/tmp',
    ]);
  });

  it('a recovery counts nothing as done that it has not synced itself', async () => {
    const { steps: all } = await world.drive(['add', 'blog', 'db']);
    const renamed = all.findIndex(({ what, to }) => what === 'rename' && to?.endsWith('ADDONS')) + 1;
    await world.prepare([['remove', 'blog', 'db']]);
    await world.drive(['add', 'blog', 'db'], { kill: { step: renamed, when: 'after' } });
    const platform = openPlatform({ ...world.paths, disk });
    const order = await record(() => platform.release('blog'));
    const gone = order.indexOf('rename /lib/journal/ENTRY to /lib/journal/tmp');
    for (const read of ['/lib/journal', '/lib/journal/ENTRY', '/lib/journal/ENTRY/run.1', '/apps/blog'])
      expect(order.indexOf(`sync ${read}`), read).toBeGreaterThanOrEqual(0);
    expect(order.indexOf('sync /apps/blog')).toBeLessThan(gone);
    expect(readFacts(world).entries).toEqual([]);
  });

  it('an add-on is enabled before the entry of its enable goes, whoever wrote the marker', async () => {
    await world.prepare([['disable', 'db', 'force']]);
    const { steps: all } = await world.drive(['enable', 'db']);
    const renamed = all.findIndex(({ what, to }) => what === 'rename' && to?.endsWith('/enabled')) + 1;
    await world.prepare([['disable', 'db']]);
    await world.drive(['enable', 'db'], { kill: { step: renamed, when: 'after' } });
    const platform = openPlatform({ ...world.paths, disk });
    const order = await record(() => platform.enable('db'));
    const synced = order.indexOf(`sync ${plain(dirname(platform.platform.marker('db')))}`);
    expect(synced).toBeGreaterThanOrEqual(0);
    expect(synced).toBeLessThan(order.indexOf('rename /lib/journal/ENTRY to /lib/journal/tmp'));
  });

  describe('a resource is known all the time, as', () => {
    const platform = () => openPlatform({ ...world.paths, disk });
    const entryGoes = [
      'rename /lib/journal/ENTRY to /lib/journal/tmp',
      'sync /lib/journal',
      'removeTree /lib/journal/tmp',
    ];
    const replaced = (app: string, file: string) => [
      `createFile /apps/${app}/.${file}.tmp`,
      `rename /apps/${app}/.${file}.tmp to /apps/${app}/${file}`,
      `sync /apps/${app}`,
    ];
    beforeAll(async () => {
      world = await workshop.makeWorld().prepare([
        ['enable', 'db'],
        ['add', 'shop', 'db', { env: 'DATABASE_URL' }],
        ['release', 'shop'],
      ]);
    });

    it('a remove has its trash record before the line goes', async () => {
      const order = await record(() => platform().remove('shop', 'db', { keepFor: 60 }));
      expect(order.slice(6)).toEqual([
        'createFile /lib/trash/.RECORD.tmp',
        'rename /lib/trash/.RECORD.tmp to /lib/trash/RECORD',
        'sync /lib/trash',
        ...replaced('shop', 'ADDONS'),
        ...replaced('shop', 'ENV'),
        ...replaced('shop', 'ADDONS.env'),
        ...entryGoes,
      ]);
    });

    it('an undo has the line before the record goes, and that is durable before the entry goes', async () => {
      const order = await record(() => platform().undo('shop', 'db'));
      expect(order.slice(6)).toEqual([
        ...replaced('shop', 'ADDONS.env'),
        ...replaced('shop', 'ADDONS'),
        'sync /apps/shop',
        'unlink /lib/trash/RECORD',
        'sync /lib/trash',
        ...entryGoes,
      ]);
    });

    it('a rename has the line in the new app before the old one loses it', async () => {
      await world.prepare([['release', 'shop']]);
      const order = await record(() => platform().rename('shop', 'blog'));
      expect(order.slice(6)).toEqual([
        ...replaced('blog', 'ADDONS.env'),
        ...replaced('blog', 'ADDONS'),
        'sync /apps/blog',
        ...replaced('shop', 'ADDONS'),
        ...replaced('shop', 'ENV'),
        ...replaced('shop', 'ADDONS.env'),
        ...entryGoes,
      ]);
    });

    it('a recovery syncs the trash before it believes that a record is gone', async () => {
      await world.prepare([['remove', 'blog', 'db', { keepFor: 60 }]]);
      const { steps: all } = await world.drive(['undo', 'blog', 'db']);
      const gone = all.findIndex(({ what, path }) => what === 'unlink' && plain(path) === '/lib/trash/RECORD') + 1;
      await world.prepare([['remove', 'blog', 'db', { keepFor: 60 }]]);
      await world.drive(['undo', 'blog', 'db'], { kill: { step: gone, when: 'after' } });
      const order = await record(() => platform().release('blog'));
      expect(order.indexOf('sync /lib/trash')).toBeGreaterThanOrEqual(0);
      expect(order.indexOf('sync /lib/trash')).toBeLessThan(order.indexOf(entryGoes[0] ?? ''));
    });
  });
});
