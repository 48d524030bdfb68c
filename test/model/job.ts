import type { Operation } from './operation.ts';

export type ScriptName = 'provision' | 'unprovision' | 'restore' | 'rotate' | 'enable' | 'disable';

/** One script run under its wrapper. */
export interface Job {
  entry: string;
  /** Number of the run within its entry, from 1. */
  n: number;
  /** Pid of the process that started it. */
  parent: string;
  script: ScriptName;
  /** App or id, where the script takes one. */
  arg: string | null;
  op: Operation;
}

/** What a script prints: `provision` id and private, `rotate` the private. */
export interface Output {
  id?: string;
  private: number;
}

export const wrapperPid = (entry: string, n: number): string => `w:${entry}:${n}`;
