import { AddonsError } from '../errors.ts';
import { withLock } from '../state/lock.ts';
import type { ProcessIdentity } from '../state/process-identity.ts';
import type { Context } from './context.ts';

/** Keyed by the app's directory, not its name: a renamed app keeps its lock, one made again gets a new one. */
export const lockApp = <T>(
  context: Context,
  app: { name: string; key: string },
  work: () => Promise<T> | T,
): Promise<T> => lock(context, `app-${app.key}`, `app ${app.name}`, work);

/** Two apps, always in the same order: nobody waits for somebody who waits for him. */
export const lockApps = <T>(
  context: Context,
  one: { name: string; key: string },
  other: { name: string; key: string },
  work: () => Promise<T> | T,
): Promise<T> => {
  const [first, second] = one.key < other.key ? [one, other] : [other, one];
  return lockApp(context, first, () => lockApp(context, second, work));
};

export const lockAddon = <T>(context: Context, addon: string, work: () => Promise<T> | T): Promise<T> =>
  lock(context, `addon-${addon}`, `add-on ${addon}`, work);

/** Held as long as they take to end and to start: nobody else may do either meanwhile. */
export const lockDaemons = <T>(context: Context, addon: string, work: () => Promise<T> | T): Promise<T> =>
  lock(context, `daemons-${addon}`, `the daemons of ${addon}`, work);

function lock<T>({ store, signal, wait, tell }: Context, key: string, label: string, work: () => Promise<T> | T) {
  const { platform, libOwner } = store;
  return withLock(
    platform.locks,
    key,
    {
      deadline: Date.now() + wait,
      signal,
      owner: libOwner,
      label,
      onWaiting: (holder) => tell({ type: 'waiting', message: `Waiting for ${label}${who(holder)}` }),
    },
    work,
  );
}

/** ` (process 17 since …)` */
export const who = (owner: ProcessIdentity | undefined): string =>
  owner ? ` (process ${owner.pid} since ${owner.since})` : '';

export const busy = (what: string, owner: ProcessIdentity | undefined): AddonsError =>
  new AddonsError('busy', `Another process is at work on ${what}${who(owner)}.`, {
    hint: 'Wait for it, give more time with --wait SECONDS, or see "addons unlock" if it is on another machine.',
  });
