import { type AddonsEnvFile, namesFor } from '../app/addons-env-file.ts';
import type { AddonsFile } from '../app/addons-file.ts';
import { AddonsError } from '../errors.ts';
import { readNames } from '../state/app-files.ts';
import type { App } from '../state/apps.ts';
import type { Store } from '../state/store.ts';

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
  env: ReadonlyMap<string, string> | undefined;
}

/** ADDONS.env and ENV, each read once. */
export const readVariables = async ({ configVars }: Store, app: App): Promise<Variables> => ({
  names: readVariableNames(app),
  env: (await configVars.read(app).catch(unreadable))?.values,
});

/** Undefined: ADDONS.env cannot be read. */
export function readVariableNames(app: App): AddonsEnvFile | undefined {
  try {
    return readNames(app).parsed;
  } catch (error) {
    return unreadable(error);
  }
}

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

function unreadable(error: unknown): undefined {
  if (!(error instanceof AddonsError)) throw error;
}
