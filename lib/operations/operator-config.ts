import { existsSync } from 'node:fs';
import type { Descriptor } from '../addon/descriptor.ts';
import { overridesTemplate } from '../addon/overrides-file.ts';
import { AddonsError } from '../errors.ts';
import { readDescriptor, realRoot } from '../scripts/addon.ts';
import { readRegularFile, replaceFile, sweepTemporaryFiles } from '../state/atomic-file.ts';
import type { Store } from '../state/store.ts';

/**
 * Makes the operator's file of an add-on that is about to be in force, with every value commented out. One that somebody edited
 * stays as it is: what would have been written lies beside it then, as `.new`. Call it under the add-on's lock.
 *
 * @returns the path of a `.new` that was written
 */
export async function placeConfig(store: Store, name: string, descriptor: Descriptor): Promise<string | undefined> {
  const { platform, disk } = store;
  const path = platform.addonConfig(name);
  await sweepTemporaryFiles(disk, platform.config);
  const text = overridesTemplate(descriptor, name);
  if (text === undefined) return undefined;
  const isEdited = isEditedConfig(store, name, descriptor);
  if (isEdited && text === madeNow(store, name)) return undefined; // this version has nothing new to say
  const target = isEdited ? newBeside(path) : path;
  const seen = readRegularFile(target);
  const now = seen.identity === undefined ? undefined : seen.bytes.toString();
  if (now === text) return undefined;
  await replaceFile(disk, target, text, seen, store.libOwner);
  return isEdited ? target : undefined;
}

/** Removes the operator's file. */
export async function dropConfig({ platform, disk }: Store, name: string): Promise<void> {
  const path = platform.addonConfig(name);
  const files = [path, newBeside(path)].filter((one) => existsSync(one));
  if (files.length === 0) return;
  for (const one of files) await disk.unlink(one);
  await disk.sync(platform.config);
}

/** Whether the file is there, and neither what is made for the add-on as it is, nor as it will be. */
export function isEditedConfig(store: Store, name: string, next?: Descriptor): boolean {
  const { bytes, identity } = readRegularFile(store.platform.addonConfig(name));
  if (identity === undefined) return false;
  return ![next && overridesTemplate(next, name), madeNow(store, name)].includes(bytes.toString());
}

export const newBeside = (path: string): string => `${path}.new`;

/** What is made for the version in force. Undefined: there is none, or it cannot be understood, and nobody knows what was made. */
function madeNow({ platform }: Store, name: string): string | undefined {
  try {
    return overridesTemplate(readDescriptor(realRoot(platform, name)), name);
  } catch (error) {
    if (error instanceof AddonsError) return undefined;
    throw error;
  }
}
