import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bakedToml, isOverridden } from '../addon/baked.ts';
import { leftOutOf } from '../packages/left-out.ts';
import { layers } from '../scripts/addon.ts';
import { readTree } from '../state/tree.ts';
import { installedAddon } from './addons.ts';
import type { Context } from './context.ts';
import { checkVersion, packInto } from './pack.ts';
import type { PackOptions, PackResult } from './results.ts';

/**
 * Packs an installed add-on under the name that it has here, with the values that operator and root gave it in place of its own.
 *
 * @throws {AddonsError} `addon-not-found`, `malformed`
 */
export async function repack(context: Context, name: string, { output }: PackOptions = {}): Promise<PackResult> {
  const { root, descriptor, secrets } = installedAddon(context, name);
  const branches = readTree(root, await leftOutOf(root));
  const packing = { root, name, version: checkVersion(root, descriptor.version), branches };
  const files = layers(context.store.platform, name);
  if (!isOverridden(descriptor, files)) return packInto(context, packing, output, 0o644);
  // What is overridden is declared there, so there is such a file.
  const baked = bakedToml(readFileSync(join(root, 'addon.toml'), 'utf8'), descriptor, files);
  if (secrets.length > 0) context.tell({ type: 'warning', message: holdsSecrets(name) });
  const replaced = new Map([['addon.toml', Buffer.from(baked)]]);
  return packInto(context, { ...packing, replaced }, output, 0o600);
}

const holdsSecrets = (name: string) => `The package holds configured secrets of ${name}: only you can read it.`;
