import { parseIds, parsePrivate, parseProvision, parseUrl } from '../addon/contract.ts';
import { AddonsError } from '../errors.ts';
import { hasScript } from '../scripts/locate.ts';
import { mustSucceed, type RunOptions, runOnce, type ScriptResult } from './run-script.ts';
import type { Made, Trial } from './trial.ts';

/** A new resource. @throws {AddonsError} for anything but exit 0 and one valid line */
export async function provision(trial: Trial, app: string, options: RunOptions = {}): Promise<Made> {
  const result = await runOnce(trial, 'provision', [app], options);
  if (result.exit !== 0) keepSecret(trial, /(?<=;).+/g, result);
  mustSucceed(trial, result, `for the app ${app}`);
  const made = { app, ...parsed('provision', () => parseProvision(result.out)) };
  trial.durations.push(result.lasted);
  remember(trial, made);
  return made;
}

/** What is to be unprovisioned in the end, and never to be told. */
export function remember(trial: Trial, made: Made): void {
  trial.made.set(made.id, made);
  trial.ids.add(made.id);
  if (made.private !== '') trial.secrets.add(made.private);
}

/** @throws {AddonsError} for anything but exit 0 */
export async function unprovision(trial: Trial, id: string, options: RunOptions = {}): Promise<void> {
  mustSucceed(trial, await runOnce(trial, 'unprovision', [id], options), `of ${shown(id)}`);
  trial.made.delete(id);
}

/** @throws {AddonsError} for anything but exit 0 and one line that a URL may be */
export async function urlOf(trial: Trial, made: Made, options: RunOptions = {}): Promise<string> {
  const result = mustSucceed(
    trial,
    await runOnce(trial, 'url', [made.id, made.private], options),
    `of ${shown(made.id)}`,
  );
  const url = parsed('url', () => parseUrl(result.out));
  for (const secret of passwordsOf(url)) trial.secrets.add(secret);
  return url;
}

/** The ids that exist, or undefined where `list` cannot be asked or asking it is known to be of no use. */
export async function listed(trial: Trial): Promise<string[] | undefined> {
  if (!hasScript(trial.addon.root, 'list') || !trial.passed.has('list')) return undefined;
  return listedNow(trial);
}

/** @throws {AddonsError} for anything but exit 0 and an id a line */
export async function listedNow(trial: Trial, options: RunOptions = {}): Promise<string[]> {
  const result = mustSucceed(trial, await runOnce(trial, 'list', [], options));
  return parsed('list', () => parseIds(result.out));
}

/** A new private. @throws {AddonsError} for anything but exit 0 and one valid line */
export async function rotate(trial: Trial, made: Made, operation: string): Promise<string> {
  const result = await runOnce(trial, 'rotate', [made.id, made.private], { operation });
  if (result.exit !== 0) keepSecret(trial, /.+/g, result);
  mustSucceed(trial, result, `of ${shown(made.id)}`);
  const secret = parsed('rotate', () => parsePrivate(result.out));
  trial.secrets.add(secret);
  return secret;
}

/** An id as messages show it: what a broken script printed may be long. */
export const shown = (id: string): string => (id.length > 100 ? `${id.slice(0, 100)}…` : id);

/** The failure of a check. */
export const broken = (seen: string, hint: string): AddonsError => new AddonsError('script-output', seen, { hint });

/** As it stands in the URL, and decoded. */
export function passwordsOf(url: string): string[] {
  const { password = '' } = URL.canParse(url) ? new URL(url) : {};
  if (password === '') return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}

/** A run that fails may have printed a secret before, and repeat it in what is shown of its stderr. */
function keepSecret(trial: Trial, where: RegExp, { out }: ScriptResult): void {
  for (const [secret] of out.toString().matchAll(where)) trial.secrets.add(secret);
}

/** The library's message begins after the script's name. */
function parsed<T>(script: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof AddonsError)) throw error;
    const hint = error.hint?.replace(/^./, (letter) => letter.toUpperCase());
    throw new AddonsError(error.code, `${script} ${error.message}.`, { hint, details: { script } });
  }
}
