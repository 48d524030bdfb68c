import { readEnv } from '../app/env-file.ts';
import { readEnvFile } from '../state/app-files.ts';
import { findApp } from '../state/apps.ts';
import type { Context } from './context.ts';

/** The app's variables as they are in ENV now. Secret. */
export const env = ({ store }: Context, appName: string): Map<string, string> =>
  readEnv(readEnvFile(findApp(store.platform, appName)).bytes);
