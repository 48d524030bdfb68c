import { execFileSync } from 'node:child_process';
import type { ImageVersion } from './image.ts';

/** A server's version as the image tells it. */
export interface Version {
  /** Such as `7`. */
  major: string;
  /** Such as `7.0.15`. */
  full: string;
  /** What is to be replaced in the programs, so that they tell it. */
  replace: [from: string, to: string][];
}

/** Reads the version a program tells with `--version`, and counts its major one up for `next`. */
export function versionOf(program: string, pattern: RegExp, version: ImageVersion): Version {
  const full = pattern.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }))?.[1];
  if (full === undefined) throw new Error(`${program} --version tells no version`);
  const major = Number.parseInt(full, 10);
  if (version === 'own') return { major: `${major}`, full, replace: [] };
  const next = full.replace(/^\d+/, `${major + 1}`);
  return { major: `${major + 1}`, full: next, replace: [[full, next]] };
}

export const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
