import { type AddonsEnvFile, namesFor } from '../app/addons-env-file.ts';
import type { AddonsFile } from '../app/addons-file.ts';
import { readEnv } from '../app/env-file.ts';
import { AddonsError } from '../errors.ts';
import { readEnvFile, readNames } from '../state/app-files.ts';
import type { App } from '../state/apps.ts';

/** A resource whose variables a release would mend. */
export interface Drift {
  addon: string;
  /** A clause such as `X_DB_URL is not in ENV`. Never holds a value. */
  reason: string;
}

/** What drift is told from. Undefined: that file cannot be read. */
export interface Variables {
  names: AddonsEnvFile | undefined;
  /** What ENV says. Secret. */
  env: Map<string, string> | undefined;
}

/** ADDONS.env and ENV, each read once. */
export const readVariables = (app: App): Variables => ({
  names: readVariableNames(app),
  env: ifReadable(() => readEnv(readEnvFile(app).bytes)),
});

/** Undefined: ADDONS.env cannot be read. */
export const readVariableNames = (app: App): AddonsEnvFile | undefined => ifReadable(() => readNames(app).parsed);

/**
 * Where ENV is not what a release leaves behind, as far as the files alone tell: no `url` script is run, so a stale value is not
 * seen. In the order of the lines, one for each variable.
 */
export function driftIn(
  { addons, names, env }: Variables & { addons: AddonsFile },
  configVar: (addon: string) => string,
): Drift[] {
  return addons.resources.flatMap(({ addon }): Drift[] => {
    if (names === undefined) return [{ addon, reason: 'ADDONS.env cannot be read' }];
    if (env === undefined) return [{ addon, reason: 'ENV cannot be read' }];
    const standard = configVar(addon);
    const value = env.get(standard);
    return [standard, ...namesFor(names, addon)].flatMap((name): Drift[] => {
      if (!env.has(name)) return [{ addon, reason: `${name} is not in ENV` }];
      if (value === undefined || env.get(name) === value) return [];
      return [{ addon, reason: `${name} has another value than ${standard}` }];
    });
  });
}

function ifReadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof AddonsError) return undefined;
    throw error;
  }
}
