import { parseUrl } from '../addon/contract.ts';
import type { Resource } from '../app/addons-file.ts';
import { AddonsError } from '../errors.ts';
import type { ScriptRecord } from '../processors/chain.ts';
import type { Companion } from '../rpc/companion.ts';
import type { Addon } from '../scripts/addon.ts';
import { hasScript } from '../scripts/locate.ts';
import { redactor } from '../scripts/redact.ts';
import { newOperationId } from '../state/journal.ts';
import type { Context } from './context.ts';

/** One process of an add-on, `serve`, that answers instead of its scripts for as long as a call lasts. */
export interface Served {
  /** @throws {AddonsError} as a script that fails */
  url(line: Resource, app: string): Promise<string>;
  /** False: it leaves that to the script. @throws {AddonsError} it is not well */
  isHealthy(): Promise<boolean>;
  /** Resolves when no process of it is left. It may go on being used. */
  close(): Promise<void>;
}

/** Whether the add-on has such a program. */
export const hasServe = ({ root }: Addon): boolean => hasScript(root, 'serve');

/** Of thousands of resources one may end it; the others get another one, but not for ever. */
const STARTS_AT_MOST = 3;

/** @param privates what else its log may hold; asked for only where it is told */
export function openServed(context: Context, addon: Addon, privates: () => readonly string[] = () => []): Served {
  const given = new Set<string>();
  const redact = (text: string) => redactor([...addon.secrets, ...given, ...privates()])(text);
  let started: Promise<Companion>[] = [];
  let current: Promise<Companion> | undefined;

  const start = () => {
    const starting = startServe(context, addon, redact);
    started.push(starting);
    return starting;
  };

  const ask = async (method: 'url' | 'health', params: object): Promise<unknown> => {
    current ??= start();
    const asked = current;
    const limits = { timeout: addon.timeout(method), signal: context.signal };
    try {
      return await (await asked).call(method, params, limits);
    } catch (error) {
      const isOver = await asked.then((companion) => companion.isOver()).catch(() => true);
      if (isOver && current === asked && started.length < STARTS_AT_MOST) current = undefined;
      throw failureOf(addon, error);
    }
  };

  /** What it answers is an execution, as if the script of that name had run. */
  const recorded = async <T>(
    about: Pick<ScriptRecord, 'app' | 'action'>,
    secrets: string[],
    work: () => Promise<T>,
  ) => {
    const start = Date.now();
    const take = (end: Pick<ScriptRecord, 'status' | 'stopped'>, out: string, err: string) =>
      context.executions.take(addon, {
        ...{ ...about, ...end, id: newOperationId(), started: start, finished: Date.now() },
        ...{ out: Buffer.from(out), err: Buffer.from(err), secrets: () => secrets },
      });
    try {
      const result = await work();
      take({ status: 0 }, typeof result === 'string' ? result : '', '');
      return result;
    } catch (error) {
      const { code, message } = failureOf(addon, error);
      const stopped = code === 'script-timeout' ? 'timeout' : code === 'aborted' ? 'aborted' : undefined;
      take({ status: stopped ? null : 1, ...(stopped && { stopped }) }, '', `${message}\n`);
      throw error;
    }
  };

  return {
    url(line, app) {
      given.add(line.private);
      const { id, private: secret } = line;
      return recorded({ app, action: 'url' }, [secret, ...addon.secrets], async () =>
        urlIn(await ask('url', { id, private: secret }), line),
      );
    },
    async isHealthy() {
      current ??= start();
      const { methods } = await current.catch((error) => {
        throw failureOf(addon, error);
      });
      if (!methods.includes('health')) return false;
      await recorded({ action: 'health' }, addon.secrets, () => ask('health', {}));
      return true;
    },
    async close() {
      const closing = started;
      started = [];
      current = undefined;
      for (const one of closing) {
        const companion = await one.catch(() => undefined); // why it could not be started was told
        await companion?.close();
        if (companion) warnOfNoise(context, addon, companion);
      }
    },
  };
}

async function startServe(context: Context, addon: Addon, redact: (text: string) => string): Promise<Companion> {
  const { openCompanion } = await import('../rpc/companion.ts');
  const { trace, signal } = context;
  return openCompanion(
    {
      kind: 'add-on',
      name: addon.name,
      title: `serve of ${addon.name}`,
      path: addon.script('serve'),
      env: addon.environment({ trace: trace !== undefined }),
      cwd: addon.root,
      trace,
      redact,
    },
    { timeout: addon.timeout('url'), signal },
  );
}

function urlIn(result: unknown, { addon, id }: Resource): string {
  const answered = (what: string) =>
    new AddonsError('script-output', `serve of ${addon} answered url for ${id} with ${what}.`, {
      hint: 'It must give the URL as one line of text, with special characters percent-encoded.',
      details: { script: 'serve', addon },
    });
  if (typeof result !== 'string' || /\p{Surrogate}/u.test(result)) throw answered('what is no text');
  try {
    return parseUrl(Buffer.from(result));
  } catch (error) {
    throw answered(error instanceof Error ? error.message.replace(/^printed /, '') : 'what is no URL');
  }
}

const failureOf = ({ name }: Addon, error: unknown): AddonsError =>
  error instanceof AddonsError
    ? new AddonsError(error.code, error.message, {
        hint: error.hint,
        details: { ...error.details, script: 'serve', addon: name },
      })
    : new AddonsError('io', `serve of ${name} failed: ${String(error)}`);

function warnOfNoise({ tell }: Context, { name }: Addon, companion: Companion): void {
  const { beside } = companion.log();
  if (beside === 0) return;
  const lines = beside === 1 ? '1 line' : `${beside} lines`;
  tell({
    type: 'warning',
    message: `serve of ${name} wrote ${lines} to stdout that are no answers: stdout is for these only.`,
  });
}
