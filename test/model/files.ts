import type { Output, ScriptName } from './job.ts';
import type { Operation } from './operation.ts';

/** Every file of the model with its content. A missing key is a missing file. */
export interface Files {
  [addons: `d${number}/ADDONS`]: Line[];
  /** Add-ons whose config var has an extra name. */
  [names: `d${number}/NAMES`]: string[];
  /** Config var by add-on: `id;private;url`. */
  [env: `d${number}/ENV`]: Record<string, string>;
  [op: `j/${string}/op`]: Operation;
  [owner: `j/${string}/owner`]: string;
  /** The entry was renamed to `tmp.*`. */
  [gone: `j/${string}/gone`]: 1;
  [starting: `j/${string}/starting`]: 1;
  [quarantine: `j/${string}/quarantine`]: string;
  /** Stands for the directory `run.N` and what is written into it before its wrapper starts. */
  [run: `j/${string}/run${number}/for`]: { script: ScriptName; arg: string | null };
  [pid: `j/${string}/run${number}/pid`]: 'wrapper' | 'void';
  [out: `j/${string}/run${number}/out`]: Output;
  [exit: `j/${string}/run${number}/exit`]: number;
  /** What `dump` printed: the id whose data it is. `part`: it had not ended. */
  [dump: `j/${string}/dump`]: string;
  [trash: `trash/${string}`]: TrashRecord;
  /** The id is marked as never to be unprovisioned. */
  [kept: `kept/${string}`]: 1;
  [marker: `on/${string}`]: 1;
  [stamp: `stamp/${number}`]: number;
}

export interface Line {
  addon: string;
  id: string;
  private: number;
}

/** A resource that was taken from its app and is unprovisioned later; named after the operation that put it there. */
export interface TrashRecord extends Line {
  app: string;
  ino: number;
  named: boolean;
}

export type Path = keyof Files;
export type Unsynced = { [P in Path]: Files[P] | null };

/** The one place that spells paths. */
export const path = {
  addons: (ino: number) => `d${ino}/ADDONS` as const,
  names: (ino: number) => `d${ino}/NAMES` as const,
  env: (ino: number) => `d${ino}/ENV` as const,
  op: (entry: string) => `j/${entry}/op` as const,
  owner: (entry: string) => `j/${entry}/owner` as const,
  gone: (entry: string) => `j/${entry}/gone` as const,
  starting: (entry: string) => `j/${entry}/starting` as const,
  quarantine: (entry: string) => `j/${entry}/quarantine` as const,
  run: (entry: string, n: number) => `j/${entry}/run${n}/for` as const,
  pid: (entry: string, n: number) => `j/${entry}/run${n}/pid` as const,
  out: (entry: string, n: number) => `j/${entry}/run${n}/out` as const,
  exit: (entry: string, n: number) => `j/${entry}/run${n}/exit` as const,
  dump: (entry: string) => `j/${entry}/dump` as const,
  trash: (operation: string) => `trash/${operation}` as const,
  kept: (id: string) => `kept/${id}` as const,
  marker: (addon: string) => `on/${addon}` as const,
  stamp: (ino: number) => `stamp/${ino}` as const,
};

/** Everything below an app directory or an entry starts with this. */
export const below = {
  app: (ino: number) => `d${ino}/`,
  entry: (entry: string) => `j/${entry}/`,
};

// The index signatures of Files are all its keys, which Object.keys cannot tell.
export const pathsOf = (files: Files | Unsynced): Path[] => Object.keys(files) as Path[];
