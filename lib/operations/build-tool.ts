import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configEnvironment } from '../addon/configuration.ts';
import type { HookName } from '../addon/contract.ts';
import { timeoutOf } from '../addon/descriptor.ts';
import { AddonsError } from '../errors.ts';
import { checkInherited, readDescriptor } from '../scripts/addon.ts';
import { scriptEnvironment } from '../scripts/environment.ts';
import { takeErr, takeOut } from '../scripts/outputs.ts';
import { redactor } from '../scripts/redact.ts';
import { runScript } from '../scripts/run.ts';
import type { Context } from './context.ts';
import { nameOfDirectory } from './own-directory.ts';

/** A program that works on a developer's directory. */
export interface Tool {
  /** For messages. */
  name: string;
  /** Absolute. */
  path: string;
  args: readonly string[];
  /** The add-on's directory. */
  root: string;
  /** Seconds. */
  timeout: number;
}

/** Runs it with the developer's own environment, and gives what it printed. @throws {AddonsError} with what it said */
export async function runTool(context: Context, { name, path, args, root, timeout }: Tool): Promise<string> {
  const { signal } = context;
  const scratch = mkdtempSync(join(tmpdir(), 'addons-'));
  const [out, err] = [join(scratch, 'out'), join(scratch, 'err')];
  const [stdout, stderr] = [openSync(out, 'wx', 0o600), openSync(err, 'wx', 0o600)];
  try {
    const { env } = buildEnvironment(context, root);
    const ended = await runScript({
      path,
      args,
      env,
      cwd: root,
      stdout,
      stderr,
      timeout: (context.timeout ?? timeout) * 1000,
      signal,
    });
    const printed = takeOut(out, MOST_OUTPUT).toString();
    if (ended.exit === 0) return printed;
    throw failed(name, root, ended, takeErr(err).toString());
  } finally {
    closeSync(stdout);
    closeSync(stderr);
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * The developer's environment, with that of the add-on's scripts over it: its programs come first, and those of the developer
 * (compilers, npm) are found, too. Its values are those of the package alone.
 */
export function buildEnvironment({ store, scripts }: Context, root: string) {
  const { platform } = store;
  const { outside, home } = scripts;
  const addon = nameOfDirectory(root);
  const descriptor = readDescriptor(root);
  const own = scriptEnvironment({
    platform,
    addon,
    roots: [root, ...checkInherited(platform, addon, descriptor)],
    config: configEnvironment(descriptor.config),
    passEnv: descriptor.passEnv,
    outside,
    scriptPath: outside.PATH || scripts.scriptPath,
    home: outside.HOME || home,
  });
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...outside, ...own })) if (value !== undefined) env[name] = value;
  return { env, timeout: (hook: HookName) => timeoutOf(descriptor, hook) };
}

const MOST_OUTPUT = 1024 * 1024; // bytes

function failed(
  name: string,
  root: string,
  { exit, timedOut, aborted }: { exit: number | null; timedOut: boolean; aborted: boolean },
  written: string,
): AddonsError {
  const stderr = redactor([])(written).trim();
  const how = timedOut
    ? 'took too long and was killed'
    : aborted
      ? 'was interrupted'
      : exit === 127
        ? 'is not installed, or needs what is not'
        : `failed with exit status ${exit ?? 'of a signal'}`;
  const code = timedOut ? 'script-timeout' : aborted ? 'aborted' : 'script-failed';
  return new AddonsError(code, `${name} ${how} in ${root}.`, {
    hint: 'Mend the reason and run the command again.',
    details: { script: name, stderr },
  });
}
