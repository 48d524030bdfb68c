import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, configEnvironment, mergeConfig, secretValues } from '../addon/configuration.ts';
import type { ScriptName } from '../addon/contract.ts';
import { DEFAULT_DESCRIPTOR, type Descriptor, parseDescriptor, timeoutOf } from '../addon/descriptor.ts';
import type { ProcessorSections } from '../addon/processors.ts';
import { fromSystem, systemCode } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { type Surroundings, scriptEnvironment } from './environment.ts';
import { locateScript } from './locate.ts';

/** An installed add-on, ready to run its scripts. */
export interface Addon {
  name: string;
  root: string;
  descriptor: Descriptor;
  config: Config;
  /** Keys of `config` that the operator's file sets. */
  overridden: string[];
  /** Configuration values that no message may hold. */
  secrets: string[];
  /** What its own file and the operator's for it say of processors; the latter stands above the former. */
  processors: { own: ProcessorSections; operator: ProcessorSections };
  /** Absolute path. @throws {AddonsError} `script-not-found` */
  script(name: ScriptName | 'serve'): string;
  environment(options?: { operation?: string; trace?: boolean }): Record<string, string>;
  /** Milliseconds. */
  timeout(script: ScriptName): number;
}

export const isInstalled = (platform: Platform, name: string): boolean =>
  statSync(platform.addonRoot(name), { throwIfNoEntry: false })?.isDirectory() === true;

/** The operator's file over the add-on's configuration, where there is one. */
export const overridesOf = (platform: Platform, name: string): string | undefined => {
  const path = platform.addonOverrides(name);
  return existsSync(path) ? path : undefined;
};

/** @throws {AddonsError} `malformed` for a bad `addon.toml` or override */
export function loadAddon(platform: Platform, name: string, surroundings: Surroundings, timeout?: number): Addon {
  const root = platform.addonRoot(name);
  const descriptor = readDescriptor(root);
  const path = platform.addonOverrides(name);
  const { config, overridden, processors } = mergeConfig(descriptor, read(path), path);
  const variables = configEnvironment(config);
  return {
    name,
    root,
    descriptor,
    config,
    overridden,
    secrets: secretValues(config),
    processors: { own: descriptor.processors, operator: processors },
    script: (script) => locateScript(root, script),
    environment: ({ operation, trace } = {}) =>
      scriptEnvironment({
        platform,
        addon: name,
        config: variables,
        passEnv: descriptor.passEnv,
        operation,
        trace,
        ...surroundings,
      }),
    timeout: (script) => (timeout ?? timeoutOf(descriptor, script)) * 1000,
  };
}

/** The `addon.toml` of a directory, or the defaults where there is none. */
export function readDescriptor(root: string): Descriptor {
  const path = join(root, 'addon.toml');
  const toml = read(path);
  return toml === undefined ? DEFAULT_DESCRIPTOR : parseDescriptor(toml, path);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
    throw fromSystem(error, path);
  }
}
