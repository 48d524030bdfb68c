export type * from './results/calls.ts';
export type * from './results/changes.ts';
export type * from './results/findings.ts';
export type * from './results/manifest.ts';
export type * from './results/packages.ts';
export type * from './results/repairs.ts';
export type * from './results/seen.ts';
export type * from './results/verbs.ts';
