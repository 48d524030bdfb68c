import { spawnSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Addons } from '../../lib/operations/results.ts';
import type { Operation } from '../../lib/state/journal.ts';
import { currentProcess, type ProcessIdentity } from '../../lib/state/process-identity.ts';

/** A process of this machine that has ended. */
export const dead = (): ProcessIdentity => ({ ...currentProcess(), pid: spawnSync('true').pid, start: '1' });

/** A process of a machine that cannot be asked. */
export const foreign = (): ProcessIdentity => ({ ...currentProcess(), machine: 'another', boot: 'another', pid: 4711 });

export interface Left {
  kind: Operation['kind'];
  addon: string;
  app?: string;
  resource?: string;
  /** Default: a dead one. Null: nobody. */
  owner?: ProcessIdentity | null;
  runs?: LeftRun[];
  starting?: boolean;
  quarantine?: string | undefined;
  /** What else its `op` says. */
  more?: Partial<Operation>;
}

export interface LeftRun {
  script: string;
  argument?: string;
  /** Default: a dead process. `void`: recovery claimed it. Null: nobody did. Text: the claim itself. */
  claim?: ProcessIdentity | 'void' | null | string;
  out?: string;
  /** Exit status; undefined: it died without one. */
  status?: number;
  deadline?: number;
}

/** Writes an operation to the journal as a crash would leave it, and gives its id. */
export function leave({ platform }: Addons, { app, owner = dead(), runs = [], ...left }: Left): string {
  const id = `left${++count}`;
  const path = join(platform.journal, id);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const operation: Operation = {
    version: 1,
    id,
    kind: left.kind,
    addon: left.addon,
    ...(app !== undefined && { app: { name: app, key: keyOf(platform.appDir(app)) } }),
    ...(left.resource !== undefined && { resource: left.resource }),
    started: '2026-01-02T03:04:05.678Z',
    ...left.more,
  };
  writeFileSync(join(path, 'op'), `${JSON.stringify(operation)}\n`);
  if (owner) writeFileSync(join(path, 'owner'), `${JSON.stringify(owner)}\n`);
  if (left.starting) writeFileSync(join(path, 'starting'), '');
  if (left.quarantine !== undefined) writeFileSync(join(path, 'quarantine'), `${left.quarantine}\n`);
  for (const [index, run] of runs.entries()) leaveRun(join(path, `run.${index + 1}`), run);
  return id;
}

let count = 0;

export function leaveRun(path: string, { script, argument, claim = dead(), out = '', status, deadline = 0 }: LeftRun) {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  writeFileSync(join(path, 'run'), `${JSON.stringify({ script, argument, deadline })}\n`);
  writeFileSync(join(path, 'out'), out);
  writeFileSync(join(path, 'err'), '');
  if (claim !== null) writeFileSync(join(path, 'pid'), claimText(claim));
  if (status !== undefined) writeFileSync(join(path, 'exit'), `${status} ${Buffer.byteLength(out)}\n`);
}

/** As the wrapper writes it: pid, its /proc stat line, and where it runs. */
function claimText(claim: ProcessIdentity | string): string {
  if (typeof claim === 'string') return claim;
  const fields = ['S', ...Array.from({ length: 18 }, () => '0'), claim.start];
  return `${claim.pid}\n${claim.pid} (sh) ${fields.join(' ')}\n${JSON.stringify(claim)}\n`;
}

function keyOf(dir: string): string {
  const { dev, ino, birthtimeNs } = statSync(dir, { bigint: true });
  return `${dev}-${ino}-${birthtimeNs}`;
}
