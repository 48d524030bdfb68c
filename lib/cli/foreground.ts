import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { AddonsError, systemCode } from '../errors.ts';
import { findProgram } from '../scripts/find-program.ts';

/** A program that takes over the terminal, or the pipes, of this process. */
export interface ForegroundCommand {
  program: string;
  words: readonly string[];
  /** `PATH` that the program is looked for in: not that of `env`, whose writer would choose the program. */
  path: string | undefined;
  /** All variables it gets. */
  env: Record<string, string | undefined>;
  /** Default: where this process is. */
  cwd?: string | undefined;
}

/** The program could not be run: exit status 127 where there is none, else 126, as a shell has it. */
export interface NotRun {
  status: 126 | 127;
  error: AddonsError;
}

/**
 * Runs it without a shell and resolves to its exit status, 128 + n where signal n ended it. Signals that this process gets are
 * the program's; what a terminal's keys send goes to both by itself.
 */
export function runInForeground({ program, words, path, env, cwd }: ForegroundCommand): Promise<number | NotRun> {
  return new Promise((resolve) => {
    // Listening before it starts: from then on this process only waits.
    const listeners = [...FROM_KEYS, ...FROM_OTHERS].map((signal) => {
      const listener = () => {
        if (FROM_OTHERS.has(signal) || !isForeground()) child?.kill(signal);
      };
      process.on(signal, listener);
      return () => process.removeListener(signal, listener);
    });
    const end = (result: number | NotRun) => {
      for (const stopListening of listeners) stopListening();
      resolve(result);
    };
    const child = start();
    child?.once('error', (error) => end(notRun(program, error)));
    child?.once('exit', (code, signal) => end(code ?? 128 + (signal ? constants.signals[signal] : 0)));

    function start() {
      try {
        return spawn(findProgram(program, path), words, { argv0: program, env, cwd, stdio: 'inherit' });
      } catch (error) {
        end(notRun(program, error));
        return undefined;
      }
    }
  });
}

/** Ctrl-C and Ctrl-\ reach the whole foreground: sent on, they would come twice, and many programs give up at the second. */
const FROM_KEYS = new Set(['SIGINT', 'SIGQUIT'] as const);
const FROM_OTHERS: ReadonlySet<NodeJS.Signals> = new Set(['SIGTERM', 'SIGHUP', 'SIGUSR2'] as const);

/** Whether the keys of a terminal reach this process's group: its group is the terminal's (proc(5), pgrp and tpgid). */
function isForeground(): boolean {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const [, , group, , terminal, foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return terminal !== '0' && group === foreground;
}

function notRun(program: string, error: unknown): NotRun {
  const code = systemCode(error) ?? '';
  if (code === 'ENOENT') {
    const hint = program.startsWith('-')
      ? 'Options of addons stand before the app.'
      : 'It is looked for in PATH, and by no shell; for one, say: sh -c "…"';
    return { status: 127, error: new AddonsError('usage', `There is no command "${program}".`, { hint }) };
  }
  const why = WHY[code] ?? (code || 'it cannot be started');
  const hint = code === 'EACCES' ? `Make it executable: chmod +x ${program}` : undefined;
  return { status: 126, error: new AddonsError('io', `Cannot run ${program}: ${why}.`, { hint }) };
}

const WHY: Record<string, string> = {
  EACCES: 'it is not executable',
  ENOTDIR: 'part of its path is no directory',
  ENOEXEC: 'this machine cannot run such a file',
  E2BIG: 'its arguments and variables are too long',
  ERR_INVALID_ARG_VALUE: 'a variable holds a NUL character',
};
