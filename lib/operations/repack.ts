import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bakedToml } from '../addon/baked.ts';
import { configEnvironment } from '../addon/configuration.ts';
import { leftOutOf } from '../packages/left-out.ts';
import { layers } from '../scripts/addon.ts';
import { type Branch, readTree } from '../state/tree.ts';
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
  const hasDescriptor = branches.some(({ path }) => path === 'addon.toml');
  const toml = hasDescriptor ? readFileSync(join(root, 'addon.toml'), 'utf8') : '';
  configEnvironment(descriptor.config);
  const baked = bakedToml(toml, descriptor, layers(context.store.platform, name));
  const version = checkVersion(root, descriptor.version);
  if (baked === undefined) return packInto(context, { root, name, version, branches }, output, 0o644);
  if (secrets.length > 0) context.tell({ type: 'warning', message: holdsSecrets(name) });
  const replaced = new Map([['addon.toml', Buffer.from(baked)]]);
  return packInto(
    context,
    { root, name, version, branches: withFile(branches, hasDescriptor), replaced },
    output,
    0o600,
  );
}

/** Overrides need an `addon.toml` that declares them, so this is for the types alone. */
const withFile = (branches: readonly Branch[], isThere: boolean): readonly Branch[] =>
  isThere ? branches : [...branches, { path: 'addon.toml', kind: 'file', executable: false, size: 0, to: '' }];

const holdsSecrets = (name: string) => `The package holds configured secrets of ${name}: only you can read it.`;
