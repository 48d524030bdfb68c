import { mkdirSync, rmSync } from 'node:fs';
import { AddonsError } from '../../errors.ts';
import type { Check } from '../check.ts';
import { broken, listed, passwordsOf, shown } from '../resources.ts';
import { checkInterrupted, redacted } from '../run-script.ts';
import type { Trial } from '../trial.ts';

export const concurrent: Check = async (trial) => {
  const { addon, addons, signal } = trial;
  const apps = Array.from({ length: APPS }, (_, at) => `crowd-${at + 1}`);
  for (const app of apps) mkdirSync(addons.platform.appDir(app), { recursive: true });
  const options = { signal, wait: WAIT, timeout: trial.options.timeout };
  trial.tell(`provisioning ${APPS} resources at once`);
  const added = await Promise.allSettled(apps.map((app) => addons.add(app, addon.name, options)));
  const ids = added.flatMap((end) => (end.status === 'fulfilled' ? (end.value.id ?? []) : []));
  let problem = whatFailed(trial, 'provision', added) ?? (await whatIsWrong(trial, ids));
  if (problem === undefined) {
    trial.tell(`running url for ${APPS} apps at once`);
    const urls = await Promise.allSettled(apps.map((app) => addons.url(app, addon.name, options)));
    for (const end of urls) if (end.status === 'fulfilled') remember(trial, end.value);
    problem = whatFailed(trial, 'url', urls);
  }
  trial.tell(`destroying ${ids.length} resources at once`);
  const having = apps.filter((_, at) => added[at]?.status === 'fulfilled');
  const removed = await Promise.allSettled(having.map((app) => addons.remove(app, addon.name, options)));
  problem ??= whatFailed(trial, 'unprovision', removed);
  if (problem) throw problem;
  const left = (await listed(trial))?.filter((id) => ids.includes(id)) ?? [];
  if (left.length > 0) throw broken(`${left.length} of ${APPS} resources destroyed at once are still there.`, LOCK);
  // Those that stay are looked after when the test tidies up.
  for (const app of apps) rmSync(addons.platform.appDir(app), { recursive: true });
  return undefined;
};

const APPS = 20;
const WAIT = 600; // seconds
const LOCK = 'Let no two runs use the same file, port or name, or let them wait for a lock (flock).';

async function whatIsWrong(trial: Trial, ids: readonly string[]): Promise<AddonsError | undefined> {
  const old = ids.find((id) => trial.ids.has(id));
  if (old !== undefined)
    return broken(`provision gave out ${shown(old)} a second time, to apps that came at once.`, LOCK);
  for (const id of ids) trial.ids.add(id);
  const now = await listed(trial);
  const missing = now && ids.find((id) => !now.includes(id));
  return missing === undefined
    ? undefined
    : broken(`list does not name ${shown(missing)}, one of ${APPS} made at once.`, LOCK);
}

const remember = (trial: Trial, url: string): void => {
  for (const secret of passwordsOf(url)) trial.secrets.add(secret);
};

/** How many failed, and why the first one did. @throws what is no failure of the add-on */
function whatFailed(trial: Trial, script: string, ends: readonly PromiseSettledResult<unknown>[]) {
  checkInterrupted(trial);
  const reasons: unknown[] = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
  const [first] = reasons;
  if (reasons.length === 0) return undefined;
  if (!(first instanceof AddonsError)) throw first;
  const message = `${script} failed for ${reasons.length} of ${ends.length} apps at once: ${redacted(trial, first.message)}`;
  return new AddonsError('script-failed', message, { hint: LOCK, details: { stderr: first.details.stderr ?? '' } });
}
