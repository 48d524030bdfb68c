import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAppJson, manifestOfAppJson } from '../../app/app-json.ts';
import { readJson } from '../../app/json-tree.ts';
import { changeDone } from '../../cli/manifest-text.ts';
import { AddonsError, fromSystem } from '../../errors.ts';
import type { Change, Manifest } from '../../operations/results.ts';
import { makeAppDirectory } from '../app-directory.ts';
import { clearDestroyed } from '../destroyed.ts';
import { refresh } from './refresh.ts';
import type { Trigger, TriggerCall } from './trigger.ts';

/** `post-extract APP DIR REV`: the app gets what its `app.json` names and it has not, before it is built. */
export const postExtract: Trigger = async (work, [app = '', directory = '']) => {
  const { call, addons } = work;
  const manifest = await manifestFor(work, app, directory);
  if (manifest) {
    await clearDestroyed(addons, app, call.options);
    makeAppDirectory(addons.platform, app);
    const { changes } = await addons.plan(manifest, call.options);
    await refuseDisabled(work, changes);
    for await (const end of addons.apply(changes.filter(isAdding), call.options)) {
      if ('error' in end) throw end.error;
      if (end.outcome === 'done') call.report.note(changeDone(end.change));
    }
  }
  if (existsSync(addons.platform.appDir(app))) await refresh(work, app);
};

/** Undefined: the app asks for nothing. */
async function manifestFor(
  { call, addons, env }: TriggerCall,
  app: string,
  dir: string,
): Promise<Manifest | undefined> {
  const path = appJsonOf(env, app, dir);
  if (path === undefined) return undefined;
  const document = readJson(read(path), 'app.json');
  if (!isAppJson(document)) return undefined;
  const known = (await addons.addons()).map(({ name }) => name);
  const { manifest, notes } = manifestOfAppJson(document, app, known);
  for (const note of notes) call.report.note(`app.json: ${note}`);
  return Object.keys(manifest.apps[app] ?? {}).length > 0 ? manifest : undefined;
}

/** Where Dokku has put it for this deploy, wherever in the repository it lies; else at the root of what was extracted. */
function appJsonOf(env: TriggerCall['env'], app: string, directory: string): string | undefined {
  const { DOKKU_LIB_ROOT = '/var/lib/dokku', DOKKU_PID = '' } = env;
  const kept = join(DOKKU_LIB_ROOT, 'data', 'app-json', app, `app.json.${DOKKU_PID}`);
  return [kept, join(directory, 'app.json')].find((path) => existsSync(path));
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw fromSystem(error, path);
  }
}

const isAdding = ({ action }: Change): boolean => action === 'add' || action === 'add-name';

/** Whoever may push an app may not start a server on the host. */
async function refuseDisabled({ addons }: TriggerCall, changes: readonly Change[]): Promise<void> {
  const [missing, ...more] = changes.flatMap((change) => (change.action === 'enable' ? [change.addon] : []));
  if (missing === undefined) return;
  const names = [missing, ...more];
  const enabled = (await addons.addons()).flatMap(({ name, enabled }) => (enabled ? [name] : []));
  throw new AddonsError('not-enabled', `app.json asks for ${names.join(', ')}, which is not enabled on this host.`, {
    hint: `Enabled are: ${enabled.join(', ') || 'none'}. Who administers the host enables it: addons enable ${names.join(' ')}`,
    details: { addon: missing },
  });
}
