import { existsSync } from 'node:fs';
import { isInstalled, readDescriptor, realRoot } from '../scripts/addon.ts';
import { servicesOf } from '../services/unit.ts';
import type { Context } from './context.ts';
import type { DaemonsWish } from './keep-daemons.ts';

/** As `keepDaemons`; most add-ons have no daemons, and load nothing for it. */
export async function tendDaemons(context: Context, name: string, wish: DaemonsWish = 'keep'): Promise<void> {
  const { platform } = context.store;
  if (!existsSync(servicesOf(platform, name)) && !declaresDaemons(context, name)) return;
  const { keepDaemons } = await import('./keep-daemons.ts');
  await keepDaemons(context, name, wish);
}

/** @throws {AddonsError} `io` where nothing could run the daemons of an add-on: before anything is done for it */
export async function checkSupervisor(context: Context, name: string): Promise<void> {
  if (daemonNames(context, name).length === 0) return;
  const { needSupervisor } = await import('../services/supervisor.ts');
  needSupervisor(context.store.platform, context.scripts.scriptPath, name);
}

/** Those that the version in force declares for itself, and not for directories; none where nothing is installed. */
export const daemonNames = (context: Context, name: string): string[] =>
  declared(context, name).flatMap(([daemon, { each }]) => (each === undefined ? [daemon] : []));

const declaresDaemons = (context: Context, name: string): boolean => declared(context, name).length > 0;

const declared = ({ store: { platform } }: Context, name: string) =>
  isInstalled(platform, name) ? Object.entries(readDescriptor(realRoot(platform, name)).daemons) : [];
