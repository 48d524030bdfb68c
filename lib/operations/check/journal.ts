import { AddonsError } from '../../errors.ts';
import { type Entry, entryIds, isRecoverable, readEntry } from '../../state/journal.ts';
import { liveness } from '../../state/process-identity.ts';
import type { Context } from '../context.ts';
import type { Finding } from '../results.ts';

/** Operations that need a person, were interrupted, or belong to a machine that cannot be asked. */
export function checkJournal({ store }: Context): Finding[] {
  return entryIds(store).flatMap((id): Finding[] => {
    try {
      const entry = readEntry(store, id);
      return entry ? stateOf(entry) : [];
    } catch (error) {
      if (!(error instanceof AddonsError)) throw error;
      return [
        {
          kind: 'journal',
          severity: 'error',
          message: error.message,
          hint: `See what there is of it: addons resolve ${id}. If it is of no use: addons resolve ${id} --discard`,
          operation: id,
        },
      ];
    }
  });
}

function stateOf(entry: Entry): Finding[] {
  const { id, kind, addon, app, started } = entry.operation;
  const what = `The ${kind} of ${addon}${app ? ` for ${app.name}` : ''} (operation ${id}, ${started})`;
  const about = { operation: id, addon, path: entry.path, ...(app && { app: app.name }) };
  if (entry.quarantine !== undefined) {
    return [
      {
        kind: 'quarantined',
        severity: 'error',
        message: `${what} needs a person: ${entry.quarantine}.`,
        hint: `See what its script wrote, and settle it: addons resolve ${id}`,
        ...about,
      },
    ];
  }
  if (isRecoverable(entry)) {
    const hint = 'The next command that changes this app or add-on brings it to its end, or: addons check --fix';
    return [{ kind: 'interrupted', severity: 'warning', message: `${what} was interrupted.`, hint, ...about }];
  }
  if (entry.owner && liveness(entry.owner) === 'unknown') {
    return [
      {
        kind: 'foreign-owner',
        severity: 'warning',
        message: `${what} belongs to process ${entry.owner.pid} of another machine or container.`,
        hint: `If that process is gone for good: addons unlock ${id}`,
        ...about,
      },
    ];
  }
  return [];
}
