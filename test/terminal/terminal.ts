import { spawn } from 'node:child_process';
import { expect } from 'vitest';
import { CLI } from '../examples/cli.ts';

/** A command on a terminal of its own. */
export interface Terminal {
  /** All that was on the screen, control characters included. */
  screen(): string;
  /** Resolves when the text is on the screen. */
  shows(text: string | RegExp): Promise<void>;
  type(keys: string): void;
  /** Exit status. */
  ended: Promise<number | null>;
}

export const CTRL_C = '\u0003';
export const CTRL_D = '\u0004';
export const ENTER = '\r';

/** Runs `addons …` on a pseudo terminal, which util-linux `script` makes. */
export function atTerminal(
  home: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
  columns?: number,
): Terminal {
  // A shell that stayed would get Ctrl-C, too, and end with a status of its own.
  const typed = `exec ${[process.execPath, CLI, ...words].map((word) => `'${word}'`).join(' ')}`;
  const command = columns === undefined ? typed : `stty cols ${columns} && ${typed}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { PATH: process.env.PATH, HOME: home, SHELL: '/bin/sh', TERM: 'xterm', ADDONS_HOME: home, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    screen += text;
  });
  return {
    screen: () => screen,
    shows: (text) => expect.poll(() => screen, { timeout: 60_000, interval: 20 }).toMatch(text),
    type: (keys) => child.stdin.write(keys),
    ended: new Promise((resolve) => child.once('close', resolve)),
  };
}
