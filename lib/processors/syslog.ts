import { isAbsolute } from 'node:path';
import { type ProcessorConfig, valuesOf } from '../addon/processors.ts';
import { AddonsError } from '../errors.ts';
import { extensionEnvironment } from '../scripts/environment.ts';
import { findProgram } from '../scripts/find-program.ts';
import { runScript } from '../scripts/run.ts';
import type { ChainHost } from './chain.ts';
import { type Execution, isFailed } from './execution.ts';
import { endingOf, outputLines, subjectOf } from './headline.ts';
import { type Processor, pointedTo } from './processor.ts';

/** Sends executions to the system's log by logger(1): one message for each, and one for each line of its output. */
export const openSyslog = (host: ChainHost): Processor => ({
  async process(executions, { config, within }) {
    await send(host, messagesOf(executions, settingsOf(config)), settingsOf(config), within);
    return executions.map((execution) => pointedTo(execution, `in syslog, tag ${TAG}, ${execution.id}`));
  },
  close: async () => {},
});

const TAG = 'addons';

const DEFAULTS = {
  facility: 'user',
  /** Absolute path of another socket than the system's. */
  socket: '',
};

type Settings = typeof DEFAULTS;

/** Numbers of syslog(3). */
const FACILITIES = new Map([
  ...Object.entries({ user: 1, mail: 2, daemon: 3, auth: 4, syslog: 5, cron: 9, authpriv: 10 }),
  ...Array.from({ length: 8 }, (_, i) => [`local${i}`, 16 + i] as const),
]);
const LEVEL = { failed: 3, succeeded: 6 };

function settingsOf(config: ProcessorConfig): Settings {
  const settings = valuesOf(config, DEFAULTS);
  if (!FACILITIES.has(settings.facility))
    throw new Error(`facility must be one of ${[...FACILITIES.keys()].join(', ')}.`);
  if (settings.socket !== '' && !isAbsolute(settings.socket)) throw new Error('socket must be an absolute path.');
  return settings;
}

/** Each line has its priority first, so that no line of the output can bring one of its own. */
const messagesOf = (executions: readonly Execution[], { facility }: Settings): string =>
  executions
    .flatMap((execution) => {
      const level = isFailed(execution) ? LEVEL.failed : LEVEL.succeeded;
      const priority = `<${(FACILITIES.get(facility) ?? 1) * 8 + level}>`;
      const head = `${subjectOf(execution)}: ${endingOf(execution)} [${execution.id}]`;
      return [head, ...outputLines(execution).map((line) => `[${execution.id}] ${line}`)].map(
        (line) => `${priority}${line}\n`,
      );
    })
    .join('');

async function send(
  { surroundings, store, signal }: ChainHost,
  messages: string,
  { socket }: Settings,
  within: number,
) {
  let complaints = '';
  const end = await runScript({
    path: loggerIn(surroundings.scriptPath),
    args: ['--tag', TAG, '--prio-prefix', '--socket-errors=on', ...(socket === '' ? [] : ['--socket', socket])],
    env: extensionEnvironment({ ...surroundings, platform: store.platform, variables: {} }),
    cwd: '/',
    timeout: within,
    signal,
    talk: ({ stdin, stdout, stderr }) => {
      stdout.resume();
      stderr?.setEncoding('utf8').on('data', (text: string) => {
        complaints = (complaints + text).slice(-1000);
      });
      stdin.on('error', () => {}); // its end says why
      stdin.end(messages);
    },
  });
  if (end.timedOut) throw new Error(`logger took longer than ${within / 1000} s and was killed.`);
  if (end.aborted) throw new Error('logger was interrupted.');
  // It may complain of a socket and end with 0.
  if (end.exit !== 0 || complaints !== '')
    throw new Error(complaints.trim().split('\n').at(-1) || `logger ended with ${end.exit}.`);
}

function loggerIn(path: string): string {
  try {
    return findProgram('logger', path);
  } catch {
    throw new AddonsError('script-not-found', `There is no program logger in ${path}.`, {
      hint: 'Install it: bsdutils on Debian, util-linux elsewhere.',
    });
  }
}
