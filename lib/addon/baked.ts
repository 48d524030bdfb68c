import { parse, stringify } from 'smol-toml';
import { mergeConfig, type Overrides, readOverrides } from './configuration.ts';
import type { Config, Descriptor } from './descriptor.ts';
import { readToml } from './toml.ts';

/**
 * An `addon.toml` whose own values are those that these files make of it, in every profile. Undefined: they make nothing else of
 * it. Comments are lost.
 *
 * @throws {AddonsError} `malformed`, as `mergeConfig`
 */
export function bakedToml(toml: string, descriptor: Descriptor, files: readonly Overrides[]): string | undefined {
  const overrides = files.map(({ path, toml: text = '' }) => readOverrides(descriptor, readToml(text, path)));
  const isNothing = overrides.every(({ config, profiles }) => [config, ...Object.values(profiles)].every(isEmpty));
  if (isNothing) return undefined;
  const names = new Set([descriptor, ...overrides].flatMap(({ profiles }) => Object.keys(profiles)));
  const { config } = mergeConfig(descriptor, files);
  const profiles = [...names].map((name) => {
    const inForce = mergeConfig(descriptor, files, name).config;
    const own = Object.entries(inForce).filter(([key, value]) => value !== config[key]);
    return [name, { config: Object.fromEntries(own) }] as const;
  });
  return `${stringify({ ...parse(toml), config, profiles: Object.fromEntries(profiles) })}\n`;
}

const isEmpty = (config: Config): boolean => Object.keys(config).length === 0;
