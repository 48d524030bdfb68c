import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ScriptName } from '../addon/contract.ts';

/** The resource that a script is about. */
export interface ServedResource {
  id: string;
  /** Its secret; may be empty. */
  private: string;
}

/** What a dump is: whole, or piece by piece. */
export type Dump = string | Uint8Array | AsyncIterable<string | Uint8Array>;

type Maybe<T> = T | Promise<T>;

/** The scripts of an add-on as functions. What one throws is told on stderr, and is the script's failure. */
export interface ScriptHandlers {
  enable?(): Maybe<void>;
  disable?(): Maybe<void>;
  /** `operation` is the same when the operation is run again after a crash. */
  provision?(about: { app: string; operation: string }): Maybe<{ id: string; private?: string }>;
  unprovision?(about: { id: string; operation: string }): Maybe<void>;
  url?(resource: ServedResource): Maybe<string>;
  dump?(resource: ServedResource): Maybe<Dump>;
  restore?(resource: ServedResource & { input: Readable }): Maybe<void>;
  list?(): Maybe<readonly string[]>;
  /** Gives the new secret. */
  rotate?(resource: ServedResource & { operation: string }): Maybe<string>;
  health?(): Maybe<void>;
}

/** What a script has of the outside. */
export interface ScriptStreams {
  operation: string;
  stdin: Readable;
  stdout: Writable;
  /** Takes what people read. */
  complain: (text: string) => void;
}

/** Runs one handler as the script that the contract wants, and gives its exit status. */
export async function runAsScript(
  handlers: ScriptHandlers,
  name: ScriptName,
  args: readonly string[],
  { operation, stdin, stdout, complain }: ScriptStreams,
): Promise<number> {
  try {
    // Each of them takes some of this, by name.
    const handler = handlers[name] as ((about: object) => unknown) | undefined;
    if (handler === undefined) throw new Error(`There is no ${name} here.`);
    const [first = '', second = ''] = args;
    const result = await handler({ app: first, id: first, private: second, operation, input: stdin });
    await write(stdout, printedOf(name, result));
    return 0;
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

function printedOf(name: ScriptName, result: unknown): Dump {
  switch (name) {
    case 'provision': {
      const { id, private: secret = '' } = result as { id: string; private?: string }; // by the handler's type
      return `${id};${secret}\n`;
    }
    case 'url':
    case 'rotate':
      return `${result}\n`;
    case 'list':
      return (result as string[]).map((id) => `${id}\n`).join(''); // the same
    case 'dump':
      return result as Dump; // the same
    default:
      return '';
  }
}

/** Returns when all of it has left this process. */
async function write(stdout: Writable, dump: Dump): Promise<void> {
  const pieces = typeof dump === 'string' || dump instanceof Uint8Array ? [dump] : dump;
  await pipeline(pieces, stdout, { end: false });
  await new Promise<void>((resolve, reject) => stdout.write('', (error) => (error ? reject(error) : resolve())));
}
