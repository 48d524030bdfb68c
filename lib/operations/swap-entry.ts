import { type Entry, readJournal } from '../state/journal.ts';
import type { Store } from '../state/store.ts';
import type { Context } from './context.ts';
import { busy } from './locks.ts';

/** The swap of an add-on that is under way, or was left by who died. */
export const swapEntry = (store: Store, name: string): Entry | undefined =>
  readJournal(store).find(({ operation: { kind, addon } }) => kind === 'swap' && addon === name);

/** Waits for one that is under way, and brings one that was left to its end. @throws {AddonsError} as `clearEntry` */
export async function clearSwap(context: Context, name: string): Promise<void> {
  for (let open = swapEntry(context.store, name); open; open = swapEntry(context.store, name)) {
    const { clearEntry } = await import('./recovery/recover.ts');
    await clearEntry(context, open);
  }
}

/** Call it under the add-on's lock, before another version is put in force. @throws {AddonsError} `busy` */
export function refuseSwapping({ store }: Context, name: string): void {
  const open = swapEntry(store, name);
  if (open) throw busy(`the swap of ${name}`, open.owner);
}
