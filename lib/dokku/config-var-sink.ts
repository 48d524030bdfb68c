import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkConfigVar } from '../app/env-value.ts';
import { AddonsError } from '../errors.ts';
import type { App } from '../state/apps.ts';
import type { ConfigVarChanges, ConfigVarSink, ConfigVars } from '../state/config-var-sink.ts';
import type { Plugn } from './plugn.ts';

/**
 * Config vars in Dokku's own configuration, through its triggers alone. Dokku has no lock for it: what differs is set, all at
 * once, and read back.
 *
 * @param root `DOKKU_ROOT`, below which each app of Dokku has a directory. Of an app that is gone its triggers tell nothing
 */
export function dokkuConfigVars(plugn: Plugn, root: string): ConfigVarSink {
  const isGone = ({ name }: App) => !existsSync(join(root, name));
  const read = async (app: App): Promise<ConfigVars> => {
    const { name } = app;
    if (isGone(app)) return { values: new Map(), version: 'gone' };
    const text = await plugn.ask('config-export', [name, 'false', 'false', 'json']);
    const values = valuesIn(text, name);
    return { values, version: JSON.stringify([...values].sort()) };
  };
  return {
    place: ({ name }) => `the config of ${name}`,
    read,
    check: async (_, changes) => checkAll(changes),
    async change(app, changes) {
      checkAll(changes);
      let differing = differences((await read(app)).values, changes);
      if (differing.length === 0) return false;
      if (isGone(app)) throw gone(app);
      for (let attempt = 1; attempt <= ATTEMPTS && differing.length > 0; attempt++) {
        await write(plugn, app, differing);
        differing = differences((await read(app)).values, changes);
      }
      if (differing.length > 0) throw undone(app, differing);
      return true;
    },
  };
}

/** Somebody else's `config:set` at the same moment may take ours back. */
const ATTEMPTS = 3;

type Change = readonly [key: string, value: string | undefined];

function checkAll(changes: ConfigVarChanges): void {
  for (const [key, value] of changes) checkConfigVar(key, value);
}

const differences = (now: ReadonlyMap<string, string>, changes: ConfigVarChanges): Change[] =>
  [...changes].filter(([key, value]) => now.get(key) !== value);

async function write(plugn: Plugn, { name }: App, changes: readonly Change[]): Promise<void> {
  const pairs = changes.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
  const secrets = changes.flatMap(([, value]) => (value === undefined ? [] : [value]));
  if (pairs.length > 0) await plugn.ask('config-set', ['--no-restart', name, ...pairs], secrets);
  for (const [key, value] of changes) if (value === undefined) await plugn.ask('config-unset', [name, key, 'false']);
}

function valuesIn(text: string, app: string): Map<string, string> {
  try {
    const told: unknown = JSON.parse(text);
    if (isTexts(told)) return new Map(Object.entries(told));
  } catch {
    // told below; the text is secret
  }
  throw new AddonsError(
    'io',
    `Dokku does not tell the config of ${app}: config-export printed no JSON object of texts.`,
    {
      hint: `Compare: dokku config:export --format json ${app}`,
      details: { app },
    },
  );
}

const isTexts = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((one) => typeof one === 'string');

const gone = ({ name }: App) =>
  new AddonsError('app-not-found', `App ${name} does not exist`, { details: { app: name } });

const undone = ({ name }: App, changes: readonly Change[]) =>
  new AddonsError('conflict', `${changes.map(([key]) => key).join(', ')} of ${name} did not stay as it was set.`, {
    hint: 'Find out who else changes the config of this app, then run the command again.',
    details: { app: name },
  });
