export type OperationKind =
  | 'enable'
  | 'disable'
  | 'add'
  | 'remove'
  | 'rotate'
  | 'adopt'
  | 'move'
  | 'undo'
  | 'empty'
  | 'swap';

/** What is being done, as the journal holds it. Never a secret. */
export interface Operation {
  version: 1;
  /** Also the scripts' `ADDONS_OP_ID`: lower-case letters and digits, sorts by time. */
  id: string;
  kind: OperationKind;
  addon: string;
  /** All but enable, disable and swap: the app's name then, and its directory's identity. */
  app?: { name: string; key: string };
  /** Of those about an app, all but add: the resource's id. */
  resource?: string;
  /** add, adopt, undo, move: extra variable names. */
  env?: string[];
  /** add: the resource gets the data of this one before it gets its line. */
  copyOf?: { name: string; key: string; resource: string };
  /** remove, empty: no script is run. `trash`: the resource is put there until then, ISO 8601. */
  spare?: { trash?: string };
  /** move: where the line goes. */
  to?: { name: string; key: string };
  /** undo, empty: the operation that put the resource in the trash. */
  trashed?: string;
  /** swap: the directory of the new version, and the set that its daemons are. */
  swap?: { root: string; set: 'a' | 'b' };
  /** ISO 8601. */
  started: string;
}
