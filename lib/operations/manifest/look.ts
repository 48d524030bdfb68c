import { type AddonsEnvFile, namesFor } from '../../app/addons-env-file.ts';
import type { AddonsFile } from '../../app/addons-file.ts';
import { AddonsError } from '../../errors.ts';
import { readAddons, readNames } from '../../state/app-files.ts';
import type { App } from '../../state/apps.ts';

/** What an app has, as a manifest would say it, and what of its files says nothing that could be relied on. */
export interface AppLook {
  app: App;
  /** By add-on. */
  has: Map<string, { id: string; env: string[] }>;
  addons: AddonsFile;
  names: AddonsEnvFile;
  problems: AddonsError[];
}

/** Reads both files once, without the app's lock: whoever changes something looks again. */
export function lookAtApp(app: App): AppLook {
  try {
    return look(app);
  } catch (error) {
    if (error instanceof AddonsError) return { app, ...NOTHING, problems: [error] };
    throw error;
  }
}

/** One error that names them all; its code is the first's. */
export function allOf(problems: readonly AddonsError[], what: string): AddonsError {
  const [first, ...more] = problems;
  if (first && more.length === 0) return first;
  return new AddonsError(first?.code ?? 'io', `${what}: ${problems.length} things stand in the way.`, {
    details: { failures: [...problems] },
  });
}

const NOTHING = {
  has: new Map(),
  addons: { resources: [], malformed: [], duplicates: [] },
  names: { names: [], malformed: [] },
};

function look(app: App): AppLook {
  const addons = readAddons(app);
  const names = readNames(app);
  const has = new Map(
    addons.parsed.resources.map(({ addon, id }) => [addon, { id, env: namesFor(names.parsed, addon) }]),
  );
  const details = { app: app.name };
  const problems = [addons, names].flatMap(({ path, parsed: { malformed } }) =>
    malformed.map(
      ({ line, problem }) =>
        new AddonsError('malformed', `Line ${line} of ${path}: ${problem}.`, {
          hint: 'Correct or delete that line.',
          details,
        }),
    ),
  );
  const duplicates = addons.parsed.duplicates.map(
    ({ addon, lines }) =>
      new AddonsError('conflict', `Lines ${lines.join(', ')} of ${addons.path} are all for ${addon}.`, {
        hint: 'Delete the wrong lines by hand; "addons check" tells which ids exist.',
        details: { ...details, addon },
      }),
  );
  return { app, has, addons: addons.parsed, names: names.parsed, problems: [...problems, ...duplicates] };
}
