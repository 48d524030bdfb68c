import { findApp } from '../state/apps.ts';
import type { Context } from './context.ts';

/** The app's variables as they are in ENV now. Secret. */
export const env = async ({ store }: Context, appName: string): Promise<Map<string, string>> =>
  new Map((await store.configVars.read(findApp(store.platform, appName))).values);
