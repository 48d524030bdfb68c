import { realpathSync } from 'node:fs';
import { AddonsError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { readDescriptor, realRoot } from '../scripts/addon.ts';
import { isSameTree, readTree } from '../state/tree.ts';
import { placeOf } from '../state/versions.ts';
import { installedNames } from './addons.ts';
import type { Job } from './install.ts';

/**
 * How what is to be installed stands to what is in its place: there is nothing, the same already, or another that is to be
 * replaced.
 *
 * @throws {AddonsError} `conflict` where another has the name, and may not be replaced
 */
export async function standingOf(platform: Platform, job: Job): Promise<'free' | 'same' | 'other'> {
  const { word, name, force } = job;
  const place = placeOf(platform, name);
  if (place === 'nothing') return 'free';
  const root = platform.addonRoot(name);
  if (place === 'broken') throw brokenLink(root, name);
  if (await isSame(platform, job)) return 'same';
  if (place === 'version' && force) return 'other';
  const hint = {
    version: `To replace it: addons install ${word} --force. To have both: addons install ${word} --as <name>`,
    developed: `It is a link to the directory of a developer. To take that away: addons uninstall ${name}. To have both: addons install ${word} --as <name>`,
    directory: `It was put there by hand. Move it away first, then run this again. To have both: addons install ${word} --as <name>`,
  }[place];
  throw new AddonsError('conflict', `There is another ${name} in ${root} already: nothing was changed.`, {
    hint,
    details: { addon: name },
  });
}

/** The version that stands in the add-on's place, '' if it has no name; undefined where there is none. */
export function versionInForce(platform: Platform, name: string): string | undefined {
  if (placeOf(platform, name) !== 'version') return undefined;
  try {
    return readDescriptor(realRoot(platform, name)).version ?? '';
  } catch {
    return ''; // it cannot be understood: all the better that it is replaced
  }
}

/** An enable would refuse it, later. @throws {AddonsError} `conflict` */
export function refuseClash(platform: Platform, { word, name }: Pick<Job, 'word' | 'name'>): void {
  const variable = platform.configVar(name);
  const other = installedNames(platform).find((one) => one !== name && platform.configVar(one) === variable);
  if (other === undefined) return;
  throw new AddonsError('conflict', `${name} and the installed add-on ${other} would both set ${variable}.`, {
    hint: `Install it by another name: addons install ${word} --as <name>`,
    details: { addon: name },
  });
}

async function isSame(platform: Platform, { source, name }: Job): Promise<boolean> {
  const root = platform.addonRoot(name);
  if (source.kind === 'directory') {
    if (realpathSync.native(root) === source.path) return true;
    const { leftOutOf } = await import('../packages/left-out.ts');
    return isSameTree(source.path, readTree(source.path, await leftOutOf(source.path)), root);
  }
  const { contentOf, isSameContent } = await import('../packages/content.ts');
  const real = realRoot(platform, name);
  try {
    return isSameContent(source.manifest.content, contentOf(real, readTree(real)));
  } catch (error) {
    if (error instanceof AddonsError) return false; // no package could be made of it
    throw error;
  }
}

const brokenLink = (root: string, name: string) =>
  new AddonsError('conflict', `${root} is a link that leads nowhere: nothing was changed.`, {
    hint: `Put back what it leads to, or take it away: addons uninstall ${name}`,
    details: { addon: name },
  });
