import { setTimeout as delay } from 'node:timers/promises';
import { AddonsError } from '../errors.ts';
import { type Pipes, runScript, type ScriptEnd } from '../scripts/run.ts';
import { openLineSplitter } from './line-splitter.ts';
import { openWords, type Words } from './words.ts';
import { type Answer, callLine, type Kind, parseAnswer, parseHandshake, PROTOCOL } from './protocol.ts';

/** A program that answers calls as long as its stdin is open. */
export interface Companion {
  /** What it says that it answers. */
  methods: readonly string[];
  /**
   * @throws {AddonsError} `script-failed`: it says so, or is gone; `script-timeout`: it did not answer in time, and was ended;
   * `script-output`: it broke the protocol, and was ended; `aborted`. No message holds what `redact` takes out
   */
  call(method: string, params: object, limits: Limits): Promise<unknown>;
  /** What it had to say beside its answers, redacted: its end. */
  log(): string;
  /** Ends its stdin, and ends it where it goes on. Resolves when no process of it is left. */
  close(): Promise<void>;
}

export interface Limits {
  /** Milliseconds. */
  timeout: number;
  signal?: AbortSignal | undefined;
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
  const companion = start(options);
  try {
    const { kind, name, title } = options;
    const said = parseHandshake(await companion.call('handshake', { protocol: PROTOCOL, kind, name }, limits));
    const problem = said ? mismatch(said, options) : 'its answer to "handshake" lacks protocol, kind or name';
    if (problem !== undefined) throw broken(title, problem);
    return { ...companion, methods: said?.methods ?? ['url'] };
  } catch (error) {
    await companion.close();
    throw error;
  }
}

/** Milliseconds that it has after the end of its stdin, and between TERM and KILL. */
const GRACE = 1000;
/** Bytes of one line, and of all that is no answer. */
const LONGEST_LINE = 1024 * 1024;
/** Milliseconds: it ends when it is told to. */
const FOREVER = 2_147_483_647;

interface Call {
  method: string;
  settle(answer: Answer): void;
  fail(error: AddonsError): void;
}

function start({ title, path, env, cwd, trace, redact }: CompanionOptions): Omit<Companion, 'methods'> {
  const stop = new AbortController();
  const calls = new Map<number, Call>();
  const words = openWords();
  let pipes: Pipes | undefined;
  let last = 0;
  let over: AddonsError | undefined;

  /** Every call that waits fails, and so do all that come. */
  const end = (error: AddonsError) => {
    over ??= error;
    for (const call of calls.values()) call.fail(over);
    calls.clear();
    stop.abort();
  };

  const ended = runScript({
    path,
    args: [],
    env,
    cwd,
    timeout: FOREVER,
    grace: GRACE,
    signal: stop.signal,
    ...(trace !== undefined && { stderr: trace }),
    talk: (opened) => {
      pipes = opened;
      listen(opened);
    },
  }).then(
    (how) => end(gone(title, how, words, redact)),
    (error) => end(error instanceof AddonsError ? error : broken(title, String(error))),
  );

  function listen({ stdin, stdout, stderr }: Pipes) {
    const splitter = openLineSplitter();
    stdout.on('data', (bytes: Buffer) => {
      for (const line of splitter.push(bytes)) take(line);
      if (splitter.rest > LONGEST_LINE || words.beside > LONGEST_LINE) {
        end(broken(title, 'it writes without end what is no answer'));
      }
    });
    stderr?.on('data', (bytes: Buffer) => words.add(bytes));
    for (const stream of [stdout, stderr]) stream?.on('error', () => {}); // its end says all there is to say
    // Where it ends, too, that is what is worth telling.
    stdin.on('error', async () => {
      await delay(GRACE, undefined, { ref: false });
      end(broken(title, 'it closed its stdin'));
    });
  }

  function take(line: string | null) {
    const answer = line === null ? undefined : parseAnswer(line);
    const call = answer && calls.get(answer.id);
    if (answer && call) {
      calls.delete(answer.id);
      call.settle(answer);
    } else words.addBeside(line ?? '[a line that is no UTF-8]');
  }

  return {
    call: (method, params, { timeout, signal }) =>
      new Promise((resolve, reject) => {
        if (over) return reject(over);
        if (signal?.aborted) return reject(aborted(title, method));
        const id = ++last;
        const onAbort = () => settle(() => reject(aborted(title, method)));
        const timer = setTimeout(() => end(tooSlow(title, method, timeout)), timeout);
        const settle = (done: () => void) => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', onAbort);
          calls.delete(id);
          done();
        };
        signal?.addEventListener('abort', onAbort);
        calls.set(id, {
          method,
          settle: (answer) => settle(() => ('error' in answer ? reject(refused(answer)) : resolve(answer.result))),
          fail: (error) => settle(() => reject(error)),
        });
        pipes?.stdin.write(callLine(id, method, params));
        function refused({ error }: Extract<Answer, { error: object }>) {
          const said = redact(error.message).slice(0, 500);
          return new AddonsError('script-failed', `${title} failed to answer ${method}: ${said}`);
        }
      }),
    log: () => redact(words.text()),
    async close() {
      pipes?.stdin.end();
      const patience = new AbortController();
      await Promise.race([ended, delay(GRACE, undefined, { signal: patience.signal }).catch(() => {})]);
      patience.abort();
      end(new AddonsError('io', `${title} has been closed.`));
      await ended;
    },
  };
}
