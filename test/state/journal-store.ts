import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { describePlatform } from '../../lib/platform.ts';
import { type Disk, nodeDisk } from '../../lib/state/disk.ts';
import { newOperationId, type Operation } from '../../lib/state/journal.ts';
import { openStore, prepareStore, type Store } from '../../lib/state/store.ts';

/** A store with an empty journal, gone after the test. */
export function makeStore(): Store {
  const home = mkdtempSync(join(tmpdir(), 'journal-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const store = openStore(describePlatform({ home }), nodeDisk);
  prepareStore(store);
  return store;
}

export const operation = (id = newOperationId()): Operation => ({
  version: 1,
  id,
  kind: 'add',
  addon: 'db',
  app: { name: 'shop', key: '1-2-3' },
  started: '2026-01-02T03:04:05.678Z',
});

/** The same store on a disk that tells its steps, or fails at one. */
export function watched(store: Store, fail?: keyof Disk) {
  const steps: string[] = [];
  const short = (path: unknown) =>
    String(path)
      .replace(store.platform.journal, '')
      .replace(/tmp\.[^/]*/, 'tmp');
  const disk = Object.fromEntries(
    Object.entries(nodeDisk).map(([name, step]) => [
      name,
      async (...args: unknown[]) => {
        if (name === fail) throw Object.assign(new Error('no more'), { code: 'ENOSPC' });
        steps.push([name, ...args.slice(0, name === 'rename' ? 2 : 1).map(short)].join(' '));
        return Reflect.apply(step, nodeDisk, args) as unknown;
      },
    ]),
  ) as unknown as Disk; // built from nodeDisk, name by name
  return { store: { ...store, disk }, steps };
}
