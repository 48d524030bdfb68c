import { existsSync, lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { configEnvironment, mergeConfig, type Overrides, secretValues } from '../addon/configuration.ts';
import type { HookName, ScriptName } from '../addon/contract.ts';
import { type Config, DEFAULT_DESCRIPTOR, type Descriptor, parseDescriptor, timeoutOf } from '../addon/descriptor.ts';
import type { ProcessorSections } from '../addon/processors.ts';
import { fromSystem, systemCode } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { type Surroundings, scriptEnvironment } from './environment.ts';
import { inheritedRoots } from './inherited.ts';
import { locateScript } from './locate.ts';
import { readProfile } from './profile.ts';

/** An installed add-on, ready to run its scripts. */
export interface Addon {
  name: string;
  /** Where its files lie: the directory itself, also where its place is a link that another version may be put behind. */
  root: string;
  descriptor: Descriptor;
  config: Config;
  /** The file that each value is from, where that is not the add-on's own. */
  from: Record<string, string>;
  /** The profile in force. */
  profile: string | undefined;
  /** Configuration values that no message may hold. */
  secrets: string[];
  /** What its own file says of processors, and what those over it do, the later ones above. */
  processors: { own: ProcessorSections; over: ProcessorSections[] };
  /** Absolute path. @throws {AddonsError} `script-not-found` */
  script(name: ScriptName | HookName | 'serve'): string;
  /** `sockets`: where its daemons have them; default: where those in force do. */
  environment(options?: { operation?: string; trace?: boolean; sockets?: string }): Record<string, string>;
  /** Milliseconds. */
  timeout(script: ScriptName | HookName): number;
}

export const isInstalled = (platform: Platform, name: string): boolean =>
  statSync(platform.addonRoot(name), { throwIfNoEntry: false })?.isDirectory() === true;

/** Root's file over the add-on's configuration, where there is one. */
export const overridesOf = (platform: Platform, name: string): string | undefined => {
  const path = platform.addonOverrides(name);
  return existsSync(path) ? path : undefined;
};

/**
 * @throws {AddonsError} `malformed` for a bad `addon.toml` or override, or for add-ons that inherit in a circle;
 * `addon-not-found` for one that is inherited from and not there
 */
export function loadAddon(platform: Platform, name: string, surroundings: Surroundings, timeout?: number): Addon {
  const root = realRoot(platform, name);
  const descriptor = readDescriptor(root);
  const { profile = readProfile(platform) } = surroundings;
  const { config, from, processors } = mergeConfig(descriptor, layers(platform, name), profile);
  const variables = configEnvironment(config);
  const roots = [root, ...checkInherited(platform, name, descriptor)];
  return {
    name,
    root,
    descriptor,
    config,
    from,
    profile,
    secrets: secretValues(config),
    processors: { own: descriptor.processors, over: processors },
    script: (script) => locateScript(root, script),
    environment: ({ operation, trace, sockets = socketsOf(platform, name, descriptor) } = {}) =>
      scriptEnvironment({
        platform,
        addon: name,
        roots,
        config: variables,
        passEnv: descriptor.passEnv,
        operation,
        trace,
        sockets,
        ...surroundings,
        // Who says which of its daemons run needs to ask for it.
        command: Object.values(descriptor.daemons).some(({ each }) => each !== undefined)
          ? surroundings.command
          : undefined,
      }),
    timeout: (script) => (timeout ?? timeoutOf(descriptor, script)) * 1000,
  };
}

const socketsOf = (platform: Platform, name: string, { daemons }: Descriptor): string | undefined =>
  Object.keys(daemons).length > 0 ? platform.sockets(name) : undefined;

/** The directories that it inherits from. @throws {AddonsError} `malformed` for a circle, `addon-not-found` */
export const checkInherited = (platform: Platform, name: string, descriptor: Descriptor): string[] =>
  inheritedRoots(name, descriptor, (other) => describe(platform, other));

/** The platform with one add-on's files lying elsewhere. */
export const withRoot = (platform: Platform, name: string, root: string): Platform => ({
  ...platform,
  addonRoot: (one) => (one === name ? root : platform.addonRoot(one)),
});

/** The files over the add-on's own values, the operator's and root's; the later one stands above. */
export const layers = (platform: Platform, name: string): Overrides[] =>
  [platform.addonConfig(name), platform.addonOverrides(name)].map((path) => ({ path, toml: read(path) }));

/** Where the add-on's files lie. */
export function realRoot(platform: Platform, name: string): string {
  const root = platform.addonRoot(name);
  const isLink = lstatSync(root, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  return isLink && existsSync(root) ? realpathSync.native(root) : root;
}

function describe(platform: Platform, name: string): { root: string; descriptor: Descriptor } | undefined {
  if (!isInstalled(platform, name)) return undefined;
  const root = realRoot(platform, name);
  return { root, descriptor: readDescriptor(root) };
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
