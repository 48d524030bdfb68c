import { AddonsError } from '../../errors.ts';
import type { Entry, Operation } from '../../state/journal.ts';

/** App and id of an entry that is about one resource. @throws {AddonsError} `malformed` where it names none */
export function resourceOf({ operation, path }: Entry): { app: NonNullable<Operation['app']>; id: string } {
  const { app, resource: id } = operation;
  if (app !== undefined && id !== undefined) return { app, id };
  throw new AddonsError('malformed', `The journal entry ${path} names no app or resource.`, {
    hint: `Settle it by hand: addons resolve ${operation.id} --discard`,
  });
}

/** What an entry lacks that its kind needs: nobody could bring it to its end. Undefined: nothing. */
export function fieldsProblem({ kind, app, to, resource, trashed, swap }: Operation): string | undefined {
  if (kind === 'enable' || kind === 'disable') return undefined;
  if (kind === 'swap') return isText(swap?.root) && isText(swap?.set) ? undefined : 'its op file names no version';
  if (!isDirectory(app)) return 'its op file names no app';
  if (kind !== 'add' && !isText(resource)) return 'its op file names no resource';
  if (kind === 'move' && !isDirectory(to)) return 'its op file names no target';
  if ((kind === 'undo' || kind === 'empty') && !isText(trashed)) return 'its op file names no trash record';
  return undefined;
}

const isDirectory = (app: Operation['app']) => isText(app?.name) && isText(app?.key);
const isText = (value: unknown) => typeof value === 'string' && value !== '';

/** Whether the entry is about this app's resource of this add-on; a move is about both of its apps. */
export const isAbout = ({ operation }: Entry, appKey: string, addon: string): boolean =>
  operation.addon === addon && (operation.app?.key === appKey || operation.to?.key === appKey);
