import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { mergeConfig, redactConfig } from '../addon/configuration.ts';
import { overridesTemplate } from '../addon/overrides-file.ts';
import { AddonsError } from '../errors.ts';
import { type Addon, isInstalled } from '../scripts/addon.ts';
import { readRegularFile, replaceFile } from '../state/atomic-file.ts';
import { prepareStore } from '../state/store.ts';
import { anyAddon, installedDescriptor } from './addons.ts';
import type { Context } from './context.ts';
import { lockAddon } from './locks.ts';
import { logged } from './logged.ts';
import type { AddonConfig, ConfigResult } from './results.ts';

/** The values in force, each with the file that it is from. @throws {AddonsError} `addon-not-found`, `malformed` */
export function config(context: Context, name: string): AddonConfig {
  return configOf(context, anyAddon(context, name));
}

/**
 * The text of the operator's file, as it is or as it would be made. Secret.
 *
 * @throws {AddonsError} `addon-not-found`, `malformed`
 */
export function configText(context: Context, name: string): string {
  const descriptor = installedDescriptor(context, name);
  const { bytes, identity } = readRegularFile(context.store.platform.addonConfig(name));
  return identity === undefined ? (overridesTemplate(descriptor, name) ?? '[config]\n') : bytes.toString();
}

/**
 * Replaces the operator's file, if the add-on can be configured so.
 *
 * @param seen what `configText` gave: another's changes meanwhile are not lost
 * @throws {AddonsError} `malformed`, `conflict`
 */
export async function configure(context: Context, name: string, text: string, seen: string): Promise<ConfigResult> {
  const { store } = context;
  const descriptor = installedDescriptor(context, name);
  const file = store.platform.addonConfig(name);
  mergeConfig(descriptor, [{ path: file, toml: text }]);
  if (text === seen) return { addon: name, outcome: 'unchanged', file, steps: [] };
  if (context.dryRun) return { addon: name, outcome: 'planned', file, steps: [`write ${file}`] };
  prepareStore(store);
  return logged(context, { what: 'config', addon: name }, () =>
    lockAddon(context, name, async () => {
      if (configText(context, name) !== seen) throw changed(file);
      await replaceFile(store.disk, file, text, readRegularFile(file), store.libOwner);
      return { addon: name, outcome: 'done', file, steps: [] };
    }),
  );
}

function configOf({ store }: Context, { name, root, config, from, profile }: Addon): AddonConfig {
  const { platform } = store;
  const own = join(isInstalled(platform, name) ? platform.addonRoot(name) : root, 'addon.toml');
  const shown = redactConfig(config);
  return {
    addon: name,
    ...(profile !== undefined && { profile }),
    values: Object.keys(config).map((key) => ({ key, value: shown[key] ?? '', from: from[key] ?? own })),
    files: [own, platform.addonConfig(name), platform.addonOverrides(name)].map((path) => ({
      path,
      present: existsSync(path),
    })),
  };
}

const changed = (file: string) =>
  new AddonsError('conflict', `${file} was changed by somebody else at the same moment.`, {
    hint: 'Run the command again.',
  });
