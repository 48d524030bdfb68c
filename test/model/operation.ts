/** What an entry's `op` file says. Its id is the entry's name. */
export type Operation = AppOperation | AddonOperation;
export type AppOperation = AddOperation | LineOperation | AdoptOperation | MoveOperation | TrashOperation;

/** All that an app's operation says whatever its kind. */
interface OnApp {
  app: string;
  /** Inode of the app directory. */
  ino: number;
  addon: string;
}

export interface AddOperation extends OnApp {
  kind: 'add';
  /** The resource gets the data of this one before it gets its line. */
  copyOf?: { ino: number; id: string };
  /** What a person says it is, once it is being resolved. */
  id?: string;
}

/** An operation on a line that is there. */
export interface LineOperation extends OnApp {
  kind: 'remove' | 'rotate';
  id: string;
  /** A remove that runs no script. */
  spare?: 'forget' | 'kept' | 'trash';
}

export interface AdoptOperation extends OnApp {
  kind: 'adopt';
  id: string;
}

export interface MoveOperation extends OnApp {
  kind: 'move';
  id: string;
  to: { app: string; ino: number };
}

export interface TrashOperation extends OnApp {
  kind: 'undo' | 'empty';
  id: string;
  /** The operation that put the resource in the trash. */
  trashed: string;
}

export interface AddonOperation {
  kind: 'enable' | 'disable';
  addon: string;
}

export const ofApp = (op: Operation): op is AppOperation => 'ino' in op;

/** The id of the resource that the operation is about. An add has none yet. */
export const idOf = (op: Operation): string | null => ('id' in op ? (op.id ?? null) : null);

/** Whether it is about this app's resource of this add-on; a move is about both of its apps. */
export const isAbout = (op: Operation, ino: number, addon: string): boolean =>
  ofApp(op) && op.addon === addon && (op.ino === ino || (op.kind === 'move' && op.to.ino === ino));
