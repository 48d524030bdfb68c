import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { configEnvironment } from '../addon/configuration.ts';
import { SCRIPTS } from '../addon/contract.ts';
import type { Descriptor } from '../addon/descriptor.ts';
import { AddonsError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { checkInherited, layers, loadAddon, overridesOf, readDescriptor, withRoot } from '../scripts/addon.ts';
import { hasScript, locateScript } from '../scripts/locate.ts';
import { isInside, readTree } from '../state/tree.ts';
import type { Context } from './context.ts';
import type { Job } from './install.ts';

/** What was seen of an add-on that is sound. */
export interface Examined {
  version: string | undefined;
  /** Root's file over its configuration, where there is one. */
  overrides: string | undefined;
}

/**
 * Looks whether a directory is a sound add-on that can have this name.
 *
 * @param root where it lies: the source, or what was unpacked of it
 * @throws {AddonsError} `script-not-found`, `malformed`, `permission`, `usage`, `addon-not-found`, `conflict`
 */
export async function examine(context: Context, job: Job, root: string): Promise<Examined> {
  const { source, name } = job;
  try {
    refuseAround(context.store.platform, root);
    const descriptor = readDescriptor(root);
    checkScripts(context, root);
    const { leftOutOf } = await import('../packages/left-out.ts');
    const branches = readTree(root, await leftOutOf(root));
    const { refuseUnbuilt } = await import('../packages/dependencies.ts');
    refuseUnbuilt(root);
    if (name !== source.name) {
      const { hardCodedName } = await import('../packages/hard-coded.ts');
      refuseHardCoded(job, hardCodedName(root, branches, source.name));
    }
    return examined(context, name, descriptor, root);
  } catch (error) {
    throw toldOf(error, root, source.path);
  }
}

/** The same of a package, as far as it can be seen without unpacking it. */
export async function examinePackage(context: Context, { source, name }: Job): Promise<Examined> {
  const { describePackage } = await import('../packages/describe-package.ts');
  const { manifest, descriptor } = await describePackage(source.path);
  const isThere = (script: string) => {
    const item = Object.hasOwn(manifest.content, script) ? manifest.content[script] : undefined;
    return item !== undefined && ('link' in item || ('sha256' in item && item.executable === true));
  };
  const missing = REQUIRED.filter((script) => !isThere(script));
  if (missing.length > 0) throw noAddon(source.path, missing);
  return examined(context, name, descriptor);
}

/** @param root where it lies, if that is a directory */
function examined(context: Context, name: string, descriptor: Descriptor, root?: string): Examined {
  const { platform } = context.store;
  configEnvironment(descriptor.config); // throws for keys that no script could be given
  checkInherited(platform, name, descriptor);
  if (root !== undefined && layers(platform, name).some(({ toml }) => toml !== undefined)) {
    warnOfOverrides(context, root, name);
  }
  return { version: descriptor.version, overrides: overridesOf(platform, name) };
}

const REQUIRED = SCRIPTS.filter(({ required }) => required).map(({ name }) => name);

function checkScripts({ tell }: Context, root: string): void {
  const missing = REQUIRED.filter((name) => !existsSync(join(root, name)));
  if (missing.length > 0) throw noAddon(root, missing);
  for (const name of REQUIRED) locateScript(root, name);
  for (const { name } of SCRIPTS) {
    if (!existsSync(join(root, name)) || hasScript(root, name)) continue;
    tell({ type: 'warning', message: `${join(root, name)} is not executable: it counts as not there.` });
  }
}

/** They are the operator's: wrong ones stop the enable, where they can be mended. */
function warnOfOverrides({ store, scripts, tell }: Context, root: string, name: string) {
  try {
    loadAddon(withRoot(store.platform, name, root), name, scripts);
  } catch (error) {
    if (!(error instanceof AddonsError)) throw error;
    tell({ type: 'warning', message: [error.message, error.hint].filter(Boolean).join(' ') });
  }
}

/** A copy would go on into itself. */
function refuseAround({ addonsRoot }: Platform, root: string): void {
  const target = existsSync(addonsRoot) ? realpathSync.native(addonsRoot) : addonsRoot;
  if (!isInside(root, target)) return;
  throw new AddonsError('usage', `${root} holds the add-ons directory ${addonsRoot}: it is no add-on.`, {
    hint: "Name the add-on's own directory.",
  });
}

function refuseHardCoded({ source, name }: Job, place: string | undefined): void {
  if (place === undefined) return;
  throw new AddonsError('conflict', `${source.name} names itself in ${place}: as ${name} it would not be on its own.`, {
    hint: 'Let its scripts ask $ADDON, $ADDON_ROOT and $ADDON_DATA, or install it by its own name.',
    details: { addon: source.name },
  });
}

/** What was seen in the unpacked files is told of the package. */
function toldOf(error: unknown, root: string, path: string): unknown {
  if (!(error instanceof AddonsError) || root === path) return error;
  const told = (text: string) => text.replaceAll(`${root}/`, `${path}: `).replaceAll(root, path);
  const { code, message, hint, details } = error;
  return new AddonsError(code, told(message), { hint: hint && told(hint), details, cause: error });
}

const noAddon = (root: string, missing: readonly string[]) =>
  new AddonsError('script-not-found', `${root} is no add-on: it has no ${missing.join(', ')}.`, {
    hint: `Name the add-on's own directory. Every add-on has the scripts ${REQUIRED.join(', ')}.`,
  });
