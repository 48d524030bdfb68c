import { setTimeout as delay } from 'node:timers/promises';
import { AddonsError } from '../errors.ts';
import { type Pipes, runScript, type ScriptEnd } from '../scripts/run.ts';
import { type Limits, openCalls } from './calls.ts';
import { openLineSplitter } from './line-splitter.ts';
import {
  callLine,
  type Handshake,
  type Kind,
  METHOD_NOT_FOUND,
  PROTOCOL,
  parseAnswer,
  parseHandshake,
} from './protocol.ts';
import { openWords } from './words.ts';

export type { Limits } from './calls.ts';

/** A program that answers calls as long as its stdin is open. */
export interface Companion {
  /** What it says that it answers. */
  methods: readonly string[];
  /**
   * @throws {AddonsError} `script-failed`: it says so, or is gone; `script-timeout`: it did not answer in time, and is being ended;
   * `script-output`: it broke the protocol, and is being ended; `aborted`. No message holds what `redact` takes out
   */
  call(method: string, params: object, limits: Limits): Promise<unknown>;
  /** Whether it is gone, or being ended: then it answers no more. */
  isOver(): boolean;
  /** What it had to say beside its answers, redacted: the end of it, and how many lines of it stood on stdout. */
  log(): { text: string; beside: number };
  /** Ends its stdin, then ends it where it goes on. Resolves when no process of it is left. */
  close(): Promise<void>;
}

export interface CompanionOptions {
  kind: Kind;
  name: string;
  /** For messages, e.g. `serve of db`. */
  title: string;
  /** Absolute path. */
  path: string;
  env: Readonly<Record<string, string>>;
  cwd: string;
  /** File descriptor that gets its stderr; nothing of it is kept then. */
  trace?: number | undefined;
  redact: (text: string) => string;
}

/**
 * Starts a program and shakes hands with it.
 *
 * @param limits of the handshake
 * @throws {AddonsError} as `call`, when no process of it is left
 */
export async function openCompanion(options: CompanionOptions, limits: Limits): Promise<Companion> {
  const { kind, name, title } = options;
  const companion = start(options);
  try {
    const said = parseHandshake(await companion.call('handshake', { protocol: PROTOCOL, kind, name }, limits));
    const problem = said ? mismatchOf(said, options) : 'its answer to handshake lacks protocol, kind or name';
    if (problem !== undefined) throw broken(title, problem);
    return { ...companion, methods: said?.methods ?? [] };
  } catch (error) {
    await companion.close();
    throw error;
  }
}

/** Milliseconds that it has after the end of its stdin, and between TERM and KILL. */
const GRACE = 1000;
/** Characters of one line, and of all lines that are no answer. */
const MOST = 1024 * 1024;
/** Milliseconds: it ends when it is told to. */
const FOREVER = 2_147_483_647;

function start({ title, path, env, cwd, trace, redact }: CompanionOptions): Omit<Companion, 'methods'> {
  const stop = new AbortController();
  const calls = openCalls();
  const words = openWords();
  const outbox: string[] = [];
  let pipes: Pipes | undefined;
  let over: AddonsError | undefined;

  /** Every call that waits fails, and so do all that come. The first reason counts. */
  const end = (error: AddonsError) => {
    over ??= error;
    calls.fail(over);
    stop.abort();
  };

  const takeLine = (line: string | undefined) => {
    const answer = line === undefined ? undefined : parseAnswer(line);
    if (answer === undefined || !calls.settle(answer)) words.addLine(line ?? '[a line that is no UTF-8]');
  };

  const talk = (opened: Pipes) => {
    const { stdin, stdout, stderr } = opened;
    pipes = opened;
    const splitter = openLineSplitter();
    stdout.on('data', (bytes: Buffer) => {
      if (over) return; // it is being ended
      for (const line of splitter.push(bytes)) takeLine(line);
      if (Math.max(splitter.rest, words.beside.characters) > MOST)
        end(broken(title, 'it writes without end what is no answer'));
    });
    stderr?.on('data', (bytes: Buffer) => words.add(bytes));
    // A stream that fails is being destroyed with its process.
    for (const stream of [stdout, stderr]) stream?.on('error', () => {});
    // Where the program ends as well, that says more.
    stdin.on('error', () => void delay(GRACE).then(() => end(broken(title, 'it closed its stdin'))));
    for (const line of outbox.splice(0)) stdin.write(line);
  };

  const ended = runScript({
    ...{ path, args: [], env, cwd, timeout: FOREVER, grace: GRACE, signal: stop.signal },
    ...(trace !== undefined && { stderr: trace }),
    talk,
  }).then(
    (how) => end(gone(title, how, redact(words.text()))),
    (error) => end(error instanceof AddonsError ? error : broken(title, 'it cannot be started')),
  );

  return {
    async call(method, params, limits) {
      if (over) throw over;
      const answer = await calls.wait(
        (id) => {
          const line = callLine(id, method, params);
          if (pipes) pipes.stdin.write(line);
          else outbox.push(line);
        },
        limits,
        () => end(tooSlow(title, method, limits.timeout)),
      );
      if ('result' in answer) return answer.result;
      throw refused(title, method, answer.error.code, redact(answer.error.message));
    },
    isOver: () => over !== undefined,
    log: () => ({ text: redact(words.text()), beside: words.beside.lines }),
    async close() {
      pipes?.stdin.end();
      const patience = new AbortController();
      if (pipes && !over)
        await Promise.race([ended, delay(GRACE, undefined, { signal: patience.signal }).catch(() => {})]);
      patience.abort();
      end(new AddonsError('io', `${title} was ended.`));
      await ended;
    },
  };
}

function mismatchOf({ protocol, kind, name }: Handshake, wanted: CompanionOptions): string | undefined {
  if (protocol !== PROTOCOL) return `it speaks version ${protocol} of the protocol, and not ${PROTOCOL}`;
  if (kind !== wanted.kind) return `it is no ${wanted.kind}, but says ${JSON.stringify(kind.slice(0, 80))}`;
  if (name !== wanted.name) return `it gives itself another name: ${JSON.stringify(name.slice(0, 80))}`;
  return undefined;
}

const broken = (title: string, problem: string) =>
  new AddonsError('script-output', `${title} does not keep to the protocol: ${problem}.`, {
    hint: 'What a program that is talked to must say: docs/processors.md.',
  });

const tooSlow = (title: string, method: string, timeout: number) =>
  new AddonsError('script-timeout', `${title} did not answer ${method} within ${timeout / 1000} s and was ended.`);

function refused(title: string, method: string, code: number, said: string): AddonsError {
  const why = code === METHOD_NOT_FOUND ? 'does not know' : 'failed to answer';
  return new AddonsError('script-failed', `${title} ${why} ${method}: ${said.trim().slice(0, 500)}`);
}

/** It ran under a shell, which tells of signal n as 128 + n. */
function gone(title: string, { exit }: ScriptEnd, log: string): AddonsError {
  const how = exit !== null && exit > 128 ? `was killed by signal ${exit - 128}` : `ended with exit status ${exit}`;
  const last = log.trim().split('\n').at(-1)?.slice(0, 500);
  return new AddonsError('script-failed', `${title} ${how} before it was told to${last ? `: ${last}` : '.'}`, {
    details: { stderr: log },
  });
}
