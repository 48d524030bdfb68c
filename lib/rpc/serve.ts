import { basename } from 'node:path';
import { SCRIPTS, type ScriptName } from '../addon/contract.ts';
import { runAsScript, type ScriptHandlers } from './as-script.ts';
import { FAILED, isObject, type Kind, METHOD_NOT_FOUND, PROTOCOL, parseObject } from './protocol.ts';

/** An add-on: `url`, and whatever else of the contract it has. */
export type AddonHandlers = ScriptHandlers & Required<Pick<ScriptHandlers, 'url'>>;

/** A processor. */
export interface ProcessorHandlers {
  /** Gives the execution, with another output perhaps; undefined leaves it as it is. `config` is its section of the configuration. */
  process(execution: ReceivedExecution, config: Record<string, unknown>): unknown;
}

/** What a processor is given. Later versions may add fields. */
export interface ReceivedExecution {
  id: string;
  addon: string;
  app?: string;
  action: string;
  operation?: string;
  started: string;
  finished: string;
  exit: number | null;
  signal: string | null;
  stopped?: string;
  output: string;
}

export interface ServeOptions {
  /** What it was called as, instead of its file's name: `serve`, or the name of a script. */
  as?: string;
  /** Instead of those of the command line. */
  args?: readonly string[];
}

/**
 * Answers this tool's calls until stdin ends; called by a script's name, it is that script. What handlers print with
 * `console.log` goes to stderr: stdout is for answers.
 *
 * @example
 * // One file under the names serve, enable, disable, provision, unprovision and url
 * await serve({ url: ({ id, private: secret }) => `redis://:${secret}@localhost/${id}`, … });
 * @example
 * // addons-processor-shout
 * await serve({ process: (execution) => ({ ...execution, output: execution.output.toUpperCase() }) });
 */
export async function serve(handlers: AddonHandlers | ProcessorHandlers, options: ServeOptions = {}): Promise<void> {
  const [, file = '', ...words] = process.argv;
  const { as = basename(file), args = words } = options;
  console.log = console.info = console.debug = console.error;
  if (!isScript(as)) return answerCalls(handlers);
  const { stdin, stdout, env } = process;
  const streams = { operation: env.ADDONS_OP_ID ?? '', stdin, stdout, complain: console.error };
  process.exitCode = await runAsScript('process' in handlers ? {} : handlers, as, args, streams);
}

const isScript = (name: string): name is ScriptName => SCRIPTS.some((script) => script.name === name);

/** Scripts that are asked over the protocol; the others change something, and are always scripts. */
const ANSWERED = ['url', 'health'] as const;

async function answerCalls(handlers: AddonHandlers | ProcessorHandlers): Promise<void> {
  const { createInterface } = await import('node:readline'); // not for those who only import the library
  process.stdout.on('error', () => process.exit(0)); // nobody listens any more
  for await (const line of createInterface({ input: process.stdin })) {
    void answer(handlers, line).then((text) => process.stdout.write(text));
  }
  process.exit(0);
}

async function answer(handlers: AddonHandlers | ProcessorHandlers, line: string): Promise<string> {
  const { id = null, method, params } = parseObject(line) ?? {};
  const reply = (outcome: object) => `${JSON.stringify({ jsonrpc: '2.0', id, ...outcome })}\n`;
  const handler = handlerOf(handlers, method, isObject(params) ? params : {});
  if (handler === undefined) return reply({ error: { code: METHOD_NOT_FOUND, message: `no ${String(method)} here` } });
  try {
    return reply({ result: (await handler()) ?? null });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return reply({ error: { code: FAILED, message } });
  }
}

function handlerOf(
  handlers: AddonHandlers | ProcessorHandlers,
  method: unknown,
  params: Record<string, unknown>,
): (() => unknown) | undefined {
  const isProcessor = 'process' in handlers;
  if (method === 'handshake') {
    const kind: Kind = isProcessor ? 'processor' : 'add-on';
    const methods = isProcessor ? ['process'] : ANSWERED.filter((name) => handlers[name]);
    return () => ({ protocol: PROTOCOL, kind, name: params.name, methods });
  }
  if (isProcessor) {
    // As the other side sends it.
    const { execution, config } = params as { execution: ReceivedExecution; config: Record<string, unknown> };
    return method === 'process' ? () => handlers.process(execution, config) : undefined;
  }
  const { url, health } = handlers;
  if (method === 'url') return () => url({ id: String(params.id), private: String(params.private) });
  return method === 'health' ? health : undefined;
}
