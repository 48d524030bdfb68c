import type { AddonsEnvFile } from '../app/addons-env-file.ts';
import type { AddonsFile } from '../app/addons-file.ts';
import { type AppFile, readAddons, readNames } from '../state/app-files.ts';
import type { App } from '../state/apps.ts';
import type { FileContent } from '../state/atomic-file.ts';
import type { ConfigVars } from '../state/config-var-sink.ts';
import { readStamp } from '../state/stamps.ts';
import type { Context } from './context.ts';

/** What a release is computed from, and must still be so when it is written. */
export interface Look {
  stamp: string;
  addons: AppFile<AddonsFile>;
  names: AppFile<AddonsEnvFile>;
  env: ConfigVars;
}

/** The stamp first: a release that commits after it was read shows in one of the others. */
export async function look({ store }: Context, app: App): Promise<Look> {
  const [stamp, addons] = [readStamp(store, app), readAddons(app)];
  // Most platforms have apps without add-ons, and nothing is to be released there.
  const env = addons.identity === undefined ? NONE : await store.configVars.read(app);
  return { stamp, addons, names: readNames(app), env };
}

const NONE: ConfigVars = { values: new Map(), version: '' };

export const isSame = (a: Look, b: Look): boolean =>
  a.stamp === b.stamp && sameFile(a.addons, b.addons) && sameFile(a.names, b.names) && a.env.version === b.env.version;

const sameFile = (a: FileContent, b: FileContent) =>
  (a.identity === undefined) === (b.identity === undefined) && a.bytes.equals(b.bytes);
