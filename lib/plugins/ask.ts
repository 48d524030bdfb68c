import { runScript } from '../scripts/run.ts';

/** A question to a program: what it prints on stdout. */
export interface Question {
  path: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd: string;
}

/** Its stdout, or why there is none in words that follow its name. */
export type Reply = { text: string; exit: number } | { failure: string };

/** Seconds that help and descriptions may take. */
const TIMEOUT = 5;
/** Characters; no help is longer. */
const MOST = 64 * 1024;

/** Asks a program, which is ended when it takes too long. Its stdin is empty, and its stderr is not looked at. */
export async function ask({ path, args, env, cwd }: Question): Promise<Reply> {
  const stop = new AbortController();
  let text = '';
  try {
    const end = await runScript({
      ...{ path, args, env, cwd, timeout: TIMEOUT * 1000, grace: 200, signal: stop.signal },
      talk: ({ stdin, stdout, stderr }) => {
        for (const stream of [stdin, stdout, stderr]) stream?.on('error', () => {}); // its end says why
        stdin.end();
        stderr?.resume();
        stdout.setEncoding('utf8').on('data', (more: string) => {
          text += more;
          if (text.length > MOST) stop.abort();
        });
      },
    });
    if (end.timedOut) return { failure: `gave no answer within ${TIMEOUT} s` };
    if (end.aborted) return { failure: 'answered without end' };
    return { text, exit: end.exit ?? 1 };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}
