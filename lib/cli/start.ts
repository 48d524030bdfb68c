import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { isatty } from 'node:tty';
import type { Io } from './io.ts';
import { write } from './io.ts';
import { packageRoot } from './package-root.ts';
import { run } from './run.ts';
import type { Open } from './session.ts';
import type { Surface } from './surface.ts';

declare const ADDONS_VERSION: string | undefined;

/** Runs the command line of this process, and ends it when all is written. */
export async function start(open: Open, surface?: Surface): Promise<never> {
  // Without a listener a reader that went away would end the process in the middle of its work.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  const status = await run(process.argv, processIo(listenForStop()), open, surface);
  await write(process.stdout, '').catch(() => {});
  await write(process.stderr, '').catch(() => {});
  process.exit(status);
}

interface Stop {
  /** Fires at the first signal. The process ends only when what it started has ended. */
  signal: AbortSignal;
  /** From now on the signals are somebody else's. */
  ignore(): void;
}

function listenForStop(): Stop {
  const controller = new AbortController();
  const onSignal = () => {
    const again = controller.signal.aborted;
    process.stderr.write(
      again ? ' !     Still waiting until all processes of the script are gone.\n' : ' !     Interrupted: stopping.\n',
    );
    controller.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    ignore: () => {
      for (const signal of signals) process.removeListener(signal, onSignal);
    },
  };
}

const processIo = ({ signal, ignore }: Stop): Io => ({
  // The getter opens the stream: that is left to who reads it.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  terminal: { stdin: isatty(0), stdout: process.stdout.isTTY === true, stderr: process.stderr.isTTY === true },
  columns: process.stderr.columns || process.stdout.columns || 80,
  env: process.env,
  cwd: process.cwd(),
  program: {
    root: packageRoot(import.meta.url),
    version: typeof ADDONS_VERSION === 'string' ? ADDONS_VERSION : 'source',
    directory: dirname(process.argv[1] ?? ''), // of the link, where npm made one: its neighbours were installed, too
  },
  echo: (on) => void spawnSync('stty', [on ? 'echo' : '-echo'], { stdio: ['inherit', 'ignore', 'ignore'] }),
  signal,
  async foreground(command) {
    const { runInForeground } = await import('./foreground.ts');
    const ended = runInForeground(command); // it listens before the others leave: no signal falls between
    ignore();
    return ended;
  },
});
