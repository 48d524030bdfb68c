import { parse, stringify } from 'smol-toml';
import { mergeConfig, type Overrides, readOverrides } from './configuration.ts';
import type { Descriptor } from './descriptor.ts';
import { readToml } from './toml.ts';

/** Whether these files say any value, be it in a profile. @throws {AddonsError} `malformed`, as `mergeConfig` */
export const isOverridden = (descriptor: Descriptor, files: readonly Overrides[]): boolean =>
  overridesIn(descriptor, files).some(({ config, profiles }) =>
    [config, ...Object.values(profiles)].some((values) => Object.keys(values).length > 0),
  );

/**
 * An `addon.toml` whose own values are those that these files make of it, in every profile. Comments are lost.
 *
 * @throws {AddonsError} `malformed`, as `mergeConfig`
 */
export function bakedToml(toml: string, descriptor: Descriptor, files: readonly Overrides[]): string {
  const variants = [descriptor, ...overridesIn(descriptor, files)];
  const names = new Set(variants.flatMap(({ profiles }) => Object.keys(profiles)));
  const { config } = mergeConfig(descriptor, files);
  const profiles = [...names].map((name) => {
    const inForce = mergeConfig(descriptor, files, name).config;
    const own = Object.entries(inForce).filter(([key, value]) => value !== config[key]);
    return [name, { config: Object.fromEntries(own) }] as const;
  });
  return `${stringify({ ...parse(toml), config, profiles: Object.fromEntries(profiles) })}\n`;
}

const overridesIn = (descriptor: Descriptor, files: readonly Overrides[]) =>
  files.map(({ path, toml = '' }) => readOverrides(descriptor, readToml(toml, path)));
