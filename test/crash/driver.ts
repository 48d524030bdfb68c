// A process that does one thing with a platform and may die at it: `driver.mjs <job as JSON>`.
// Says on stdout, as JSON, how it ended and which durable steps it did.
import { readdirSync, writeFileSync } from 'node:fs';
import { AddonsError } from '../../lib/errors.ts';
import { openPlatform, type PlatformOptions } from '../../lib/open-platform.ts';
import type { AddOptions, AdoptOptions, CallOptions, RemoveOptions } from '../../lib/operations/results.ts';
import { nodeDisk } from '../../lib/state/disk.ts';
import { type Step, steppingDisk } from './stepping-disk.ts';

export type Command =
  | ['enable' | 'release' | 'delete' | 'swap', string]
  | ['disable', string, ('force' | undefined)?]
  | ['install', source: string, { force?: boolean }?]
  | ['add', string, string, AddOptions?]
  | ['remove', string, string, RemoveOptions?]
  | ['rotate' | 'undo', app: string, addon: string]
  | ['adopt', app: string, addon: string, id: string, AdoptOptions?]
  | ['rename', string, string]
  | ['clone', string, string, 'data'?]
  | ['trash --empty']
  | ['check --fix']
  /** The one operation that the journal holds. */
  | ['resolve', 'retry' | 'adopt' | 'discard'];

export interface Job {
  platform: Omit<PlatformOptions, 'disk'>;
  command: Command;
  options?: Pick<CallOptions, 'timeout' | 'wait'>;
  /** SIGKILL to itself before or after this step. */
  kill?: { step: number; when: 'before' | 'after' } | undefined;
  /** This step, and with `rest` every later one, fails with this error instead of being done. */
  fail?: { step: number; code: 'ENOSPC' | 'EIO'; rest?: boolean } | undefined;
  /** A file that gets this process's pid, for scripts that are to kill it. */
  announce?: string | undefined;
  umask?: number | undefined;
}

/** What the driver says when it was not killed. */
export interface Told {
  steps: Step[];
  result?: unknown;
  error?: { ours: boolean; code: string; message: string; hint?: string; stderr?: string };
}

if (process.argv[2] !== undefined) await drive(JSON.parse(process.argv[2]));

async function drive({ platform, command, options, kill, fail, announce, umask }: Job) {
  if (umask !== undefined) process.umask(umask);
  if (announce !== undefined) writeFileSync(announce, `${process.pid}\n`);
  const steps: Step[] = [];
  const dieAt = (when: 'before' | 'after') => (number: number, step: Step) => {
    if (when === 'before') steps.push(step);
    if (when === 'before' && fail && (fail.step === number || (fail.rest && fail.step < number)))
      throw Object.assign(new Error(`${fail.code}: told to fail`), { code: fail.code });
    if (kill?.step === number && kill.when === when) process.kill(process.pid, 'SIGKILL');
  };
  const disk = steppingDisk(nodeDisk, { before: dieAt('before'), after: dieAt('after') });
  const told: Told = { steps };
  try {
    told.result = await perform(openPlatform({ ...platform, disk }), command, options);
  } catch (error) {
    told.error = describe(error);
  }
  process.stdout.write(`${JSON.stringify(told)}\n`);
}

/** One command of a platform, named as data. */
export function perform(
  platform: ReturnType<typeof openPlatform>,
  command: Command,
  options: CallOptions = {},
): Promise<unknown> {
  switch (command[0]) {
    case 'add':
      return platform.add(command[1], command[2], { ...options, ...command[3] });
    case 'install':
      return platform.install(command[1], { ...options, ...command[2] });
    case 'remove':
      return platform.remove(command[1], command[2], { ...options, ...command[3] });
    case 'rotate':
    case 'undo':
      return platform[command[0]](command[1], command[2], options);
    case 'adopt': {
      const resource = { id: command[3], private: secretOf(command[3]) };
      return platform.adopt(command[1], command[2], resource, { ...options, ...command[4] });
    }
    case 'rename':
      return platform.rename(command[1], command[2], options);
    case 'clone':
      return platform.clone(command[1], command[2], { ...options, withData: command[3] === 'data' });
    case 'trash --empty':
      return emptied(platform.emptyTrash(options));
    case 'check --fix':
      return platform.check({ ...options, fix: true });
    case 'resolve':
      return resolve(platform, command[1], options);
    case 'disable':
      return platform.disable(command[1], { ...options, force: command[2] === 'force' });
    default:
      return platform[command[0]](command[1], options);
  }
}

/** The secret of a resource that no `provision` made. */
export function secretOf(id: string): string {
  return `secret-${id}`;
}

/** The first failure, as one would see it. */
async function emptied(ends: ReturnType<ReturnType<typeof openPlatform>['emptyTrash']>): Promise<unknown[]> {
  const all: unknown[] = [];
  let failed: Error | undefined;
  for await (const end of ends) {
    if ('error' in end) failed ??= end.error;
    else all.push(end);
  }
  if (failed) throw failed;
  return all;
}

/** What it is to adopt is what the fixture's `provision` makes for an operation, where it is idempotent. */
function resolve(
  platform: ReturnType<typeof openPlatform>,
  how: 'retry' | 'adopt' | 'discard',
  options: CallOptions,
): Promise<unknown> {
  const [operation = 'none'] = readdirSync(platform.platform.journal).filter((name) => !name.startsWith('tmp.'));
  const resolution = how === 'adopt' ? { adopt: `r-${operation}`, private: secretOf(operation) } : how;
  return platform.resolve(operation, resolution, options);
}

export function describe(error: unknown): NonNullable<Told['error']> {
  if (!(error instanceof AddonsError)) {
    const { message = String(error), code = '' } = error as { message?: string; code?: string }; // anything is thrown
    return { ours: false, code, message };
  }
  const { code, message, hint, details } = error;
  return {
    ours: true,
    code,
    message,
    ...(hint !== undefined && { hint }),
    ...(details.stderr !== undefined && { stderr: details.stderr }),
  };
}
