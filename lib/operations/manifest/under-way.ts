import { AddonsError } from '../../errors.ts';
import type { App } from '../../state/apps.ts';
import { type Entry, isRecoverable, readJournal } from '../../state/journal.ts';
import type { Context } from '../context.ts';
import { busy } from '../locks.ts';
import { quarantined } from '../recovery/recover.ts';

/** Why a plan could be wrong by the time it is applied: what is under way, or was left by a crash. */
export interface UnderWay {
  of(app: App): AddonsError[];
  ofAddon(addon: string): AddonsError[];
}

/** Reads the journal once. What empties the trash changes no app. */
export function underWay({ store }: Context): UnderWay {
  const entries = readJournal(store).filter(({ operation }) => operation.kind !== 'empty');
  return {
    of: ({ key }) => entries.filter(({ operation: { app, to } }) => app?.key === key || to?.key === key).map(inTheWay),
    ofAddon: (addon) => entries.filter(({ operation }) => !operation.app && operation.addon === addon).map(inTheWay),
  };
}

function inTheWay(entry: Entry): AddonsError {
  const { id, kind, addon, app } = entry.operation;
  const what = `${kind} of ${addon}${app ? ` for ${app.name}` : ''}`;
  if (entry.quarantine !== undefined) return quarantined(entry);
  if (!isRecoverable(entry)) return busy(`the ${what} (operation ${id})`, entry.owner);
  return new AddonsError('conflict', `An interrupted ${what} is not settled yet (operation ${id}).`, {
    hint: 'Settle it first: addons check --fix',
    details: { operation: id, addon, ...(app && { app: app.name }) },
  });
}
