import { AddonsError } from '../../errors.ts';
import { type Entry, readJournal } from '../../state/journal.ts';
import type { Context } from '../context.ts';
import { busy } from '../locks.ts';

/** Who else is at work on the same trash record: undo and emptying write their entry before they look, so one sees the other. */
export const rivalOf = ({ store }: Pick<Context, 'store'>, { operation }: Entry): Entry | undefined =>
  readJournal(store).find(
    ({ operation: other }) =>
      operation.trashed !== undefined && other.trashed === operation.trashed && other.id !== operation.id,
  );

export const beaten = ({ operation: { kind, addon, resource }, owner }: Entry): AddonsError =>
  busy(`${resource} of ${addon}: it is being ${kind === 'undo' ? 'brought back' : 'destroyed'}`, owner);

export const heldElsewhere = ({ operation: { addon, resource } }: Entry): AddonsError =>
  new AddonsError('conflict', `${resource} of ${addon} is in use already: it stays in the trash.`, {
    hint: 'See who has it: addons check',
    details: { addon },
  });
