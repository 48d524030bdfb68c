import { AddonsError } from '../errors.ts';
import { type CapturedRun, runCaptured } from '../scripts/captured-run.ts';
import { redactor } from '../scripts/redact.ts';
import { runScript } from '../scripts/run.ts';

/** Dokku's triggers, which it and its plugins answer. */
export interface Plugn {
  /**
   * Runs a trigger and gives what was printed.
   *
   * @param secrets kept out of error messages
   * @throws {AddonsError} `script-failed`, `script-timeout`, `aborted`
   */
  ask(trigger: string, args: readonly string[], secrets?: readonly string[]): Promise<string>;
  /** Runs a trigger whose output is the user's: it goes to this descriptor. Gives its exit status. */
  hand(trigger: string, args: readonly string[], stdout: number, signal: AbortSignal): Promise<number | null>;
}

export interface PlugnOptions {
  /** Dokku's own environment, which every trigger needs. */
  env: Readonly<Record<string, string | undefined>>;
  /** Directory for what is captured. */
  outputs: string;
}

export function openPlugn({ env, outputs }: PlugnOptions): Plugn {
  const dokku = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const command = (trigger: string, args: readonly string[]) => ({
    path: '/usr/bin/env', // looks for it as Dokku does
    args: ['plugn', 'trigger', trigger, ...args],
    cwd: '/',
  });
  return {
    async ask(trigger, args, secrets = []) {
      // Without it, what is set goes to the deploy log.
      const quiet = { ...dokku, DOKKU_QUIET_OUTPUT: '1' };
      const run = await runCaptured({ ...command(trigger, args), env: quiet, timeout: TIMEOUT }, outputs, MOST);
      if (run.exit !== 0) throw failed(trigger, run, secrets);
      return run.out.toString();
    },
    async hand(trigger, args, stdout, signal) {
      const { exit } = await runScript({
        ...command(trigger, args),
        env: dokku,
        timeout: RESTART_TIMEOUT,
        stdout,
        stderr: 2,
        signal,
      });
      return exit;
    },
  };
}

const TIMEOUT = 60_000; // ms
const RESTART_TIMEOUT = 30 * 60_000; // ms: checks of a new container take their time
const MOST = 4 * 1024 * 1024; // bytes: all of an app's configuration

function failed(trigger: string, run: CapturedRun, secrets: readonly string[]): AddonsError {
  const how = run.timedOut
    ? 'took too long and was killed'
    : run.aborted
      ? 'was interrupted'
      : run.exit === 127
        ? 'could not be run: there is no plugn'
        : `failed with exit status ${run.exit ?? run.signal}`;
  const stderr = redactor([...secrets])(run.err.toString()).trim();
  const reason = stderr === '' ? '.' : `: ${stderr.split('\n').at(-1)?.slice(0, 500)}`;
  const code = run.timedOut ? 'script-timeout' : run.aborted ? 'aborted' : 'script-failed';
  return new AddonsError(code, `The trigger ${trigger} of Dokku ${how}${reason}`, {
    hint: 'Mend the reason and run the command again: nothing was lost.',
    details: { script: trigger, stderr },
  });
}
