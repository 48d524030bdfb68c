import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { sweepTemporaryFiles } from './atomic-file.ts';
import { sweepJournal } from './journal.ts';
import type { Store } from './store.ts';

/** Removes what dead processes left half-made in journal and trash, where it may hold a secret, and beside the add-on's marks. */
export async function sweepState(store: Store, addon?: string): Promise<void> {
  const { platform, disk } = store;
  await sweepJournal(store);
  const directories = [platform.trash, ...(addon === undefined ? [] : [dirname(platform.marker(addon))])];
  for (const path of directories) if (existsSync(path)) await sweepTemporaryFiles(disk, path);
}
