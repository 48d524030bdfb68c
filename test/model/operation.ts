/** What an entry's `op` file says. Its id is the entry's name. */
export type Operation = AppOperation | AddonOperation;
export type AppOperation = AddOperation | LineOperation;

export interface AddOperation {
  kind: 'add';
  app: string;
  /** Inode of the app directory. */
  ino: number;
  addon: string;
}

/** An operation on a line that is there. */
export interface LineOperation {
  kind: 'remove' | 'rotate';
  app: string;
  ino: number;
  addon: string;
  id: string;
}

export interface AddonOperation {
  kind: 'enable' | 'disable';
  addon: string;
}

export const ofApp = (op: Operation): op is AppOperation => 'ino' in op;

/** The id of the line that the operation is about. An add has none yet. */
export const idOf = (op: Operation): string | null => ('id' in op ? op.id : null);
