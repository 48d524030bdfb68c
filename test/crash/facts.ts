import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ExtraName, parseAddonsEnvFile } from '../../lib/app/addons-env-file.ts';
import { parseAddonsFile } from '../../lib/app/addons-file.ts';
import { allApps } from '../../lib/state/apps.ts';
import { nodeDisk } from '../../lib/state/disk.ts';
import { type Operation, readJournal } from '../../lib/state/journal.ts';
import { keptIds } from '../../lib/state/kept.ts';
import { openStore } from '../../lib/state/store.ts';
import { readRecord, type TrashRecord, trashedOperations } from '../../lib/state/trash.ts';
import { namesIn, type World } from './world.ts';

/** What is on disk, told from both sides: the add-ons' own ledgers, and ADDONS with journal and trash. */
export interface Facts {
  /** By id, for all add-ons. */
  ledger: Map<string, Allocated>;
  lines: { app: string; addon: string; id: string; private: string }[];
  /** Extra variable names. */
  names: (ExtraName & { app: string })[];
  entries: Operation[];
  trash: TrashRecord[];
  /** Marked as never to be unprovisioned. */
  kept: { addon: string; id: string }[];
  /** What `unprovision` was run for. */
  unprovisioned: { addon: string; id: string }[];
}

export interface Allocated {
  addon: string;
  /** That made it. */
  operation: string;
  secret: string;
  data: string | undefined;
}

/** @throws where a file is not whole */
export function readFacts({ platform: { platform } }: World, addons = ['db', 'plain']): Facts {
  const ledger: Facts['ledger'] = new Map();
  for (const addon of addons) {
    const directory = platform.addonData(addon);
    for (const id of namesIn(join(directory, 'ledger'))) {
      const [operation = '', secret = ''] =
        textOf(join(directory, 'ledger', id))
          ?.trim()
          .split(' ') ?? [];
      ledger.set(id, { addon, operation, secret, data: textOf(join(directory, 'data', id)) });
    }
  }
  const apps = allApps(platform);
  const store = openStore(platform, nodeDisk);
  const each = (ids: (addon: string) => string[]) => addons.flatMap((addon) => ids(addon).map((id) => ({ addon, id })));
  return {
    ledger,
    lines: apps.flatMap(linesOf),
    names: apps.flatMap(namesOf),
    entries: readJournal(store).map(({ operation }) => operation),
    trash: trashedOperations(store).flatMap((operation) => readRecord(store, operation) ?? []),
    kept: each((addon) => [...keptIds(store, addon)]),
    unprovisioned: each((addon) => namesIn(join(platform.addonData(addon), 'unprovisioned'))),
  };
}

function linesOf({ name, dir }: { name: string; dir: string }): Facts['lines'] {
  const bytes = wholeBytes(join(dir, 'ADDONS'));
  const { resources, malformed, duplicates } = parseAddonsFile(bytes);
  if (malformed.length + duplicates.length > 0) throw new Error(`ADDONS of ${name} is not whole:\n${bytes}`);
  return resources.map((resource) => ({ app: name, ...resource }));
}

function namesOf({ name: app, dir }: { name: string; dir: string }): Facts['names'] {
  const bytes = wholeBytes(join(dir, 'ADDONS.env'));
  const { names, malformed } = parseAddonsEnvFile(bytes);
  if (malformed.length > 0) throw new Error(`ADDONS.env of ${app} is not whole:\n${bytes}`);
  return names.map(({ addon, name }) => ({ app, addon, name }));
}

function wholeBytes(path: string): Buffer {
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  if (bytes.length > 0 && !bytes.toString().endsWith('\n')) throw new Error(`${path} is not whole:\n${bytes}`);
  return bytes;
}

const textOf = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
