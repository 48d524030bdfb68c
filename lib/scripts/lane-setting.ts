import type { UrlJob } from './url-job.ts';

/** What a lane keeps from one job to the next. */
export type LaneSetting = Pick<UrlJob, 'script' | 'cwd' | 'env'>;

/**
 * Lines that turn a lane set up for one job into one set up for the next: `=NAME=value`, `-NAME`, `+script`, `/cwd`.
 * Values never hold a line break: see `laneKind`.
 */
export function laneChange(from: LaneSetting, to: LaneSetting): string {
  if (from.env === to.env && from.script === to.script) return '';
  const set = Object.entries(to.env).filter(([name, value]) => from.env[name] !== value);
  const dropped = Object.keys(from.env).filter((name) => !(name in to.env));
  return [
    ...set.map(([name, value]) => `=${name}=${value}\n`),
    ...dropped.map((name) => `-${name}\n`),
    `+${to.script}\n${to.cwd}\n`,
  ].join('');
}

/**
 * Lanes of one kind can be set up for each other's jobs. Only variables of ours are ever changed in a running shell:
 * any other name, such as IFS, could mean something to the shell itself.
 */
export function laneKind(env: Record<string, string>): string {
  const known = KINDS.get(env);
  if (known !== undefined) return known;
  const fixed = Object.entries(env).filter(([name, value]) => !/^ADDONS?(_\w+)?$/.test(name) || value.includes('\n'));
  const kind = JSON.stringify(fixed.sort());
  KINDS.set(env, kind);
  return kind;
}

// An environment object is taken to stay as it is: writing it out for every run would cost more than the run's own work.
const KINDS = new WeakMap<object, string>();
