import { AddonsError } from '../errors.ts';
import type { Call } from './call.ts';
import { commandLine } from './command-line.ts';
import { write } from './io.ts';
import { readLine } from './read-line.ts';
import { visible } from './visible-text.ts';

/** Something that cannot be undone. */
export interface Loss {
  /** What must be typed to go on. */
  name: string;
  /** What the name is of: `app`, `add-on`, `key`. */
  noun: string;
  /** Begins the sentence that the losses end, e.g. `Removing db from shop destroys`. */
  action: string;
  /** A noun each, e.g. `db shop-1 (X_DB_URL)`. */
  losses: readonly string[];
  /** Where stdin carries data, nobody can be asked on it. */
  stdinTaken?: boolean;
}

/**
 * Whether the user has already said yes to this name.
 *
 * @throws {AddonsError} `confirmation-needed` for a `--confirm` of another name
 */
export function isConfirmed({ flags, typed, verb }: Call, name: string, noun: string): boolean {
  if (flags.force) return true;
  if (flags.confirm === undefined) return false;
  if (flags.confirm === name) return true;
  throw new AddonsError('confirmation-needed', `--confirm says "${flags.confirm}", but the ${noun} is "${name}".`, {
    hint: `If you mean it, run: ${commandLine(verb, ['--confirm', name], withoutConfirm(typed))}`,
  });
}

/** Asks on the terminal. @throws {AddonsError} `confirmation-needed` without a terminal, or for another answer */
export async function confirm(call: Call, loss: Loss): Promise<void> {
  const { io, flags, report } = call;
  const canAsk = io.terminal.stdin && io.terminal.stderr && flags.input !== false && !loss.stdinTaken;
  if (!canAsk) throw unconfirmed(call, loss);
  report.clear();
  await write(io.stderr, question(loss));
  const answer = await readLine(io.stdin, io.signal);
  if (answer === undefined) await write(io.stderr, '\n');
  if (answer?.trim() === loss.name) return;
  throw new AddonsError('confirmation-needed', `That is not the ${loss.noun}'s name: nothing was changed.`, {
    hint: `Run it again and type ${loss.name}.`,
  });
}

const question = ({ action, losses, noun, name }: Loss): string =>
  [
    ` !     ${visible(action)}:`,
    ...losses.map((loss) => `       - ${visible(loss)}`),
    `       Type the ${noun} (${name}) to go on: `,
  ].join('\n');

function unconfirmed({ verb, typed }: Call, { action, losses, stdinTaken }: Loss): AddonsError {
  const why = stdinTaken ? ' (stdin carries the data, so nobody can be asked)' : '';
  return new AddonsError('confirmation-needed', `${action}: ${losses.join('; ')}. Nothing was changed${why}.`, {
    hint: `If you mean it, run: ${commandLine(verb, ['--force'], withoutConfirm(typed))}`,
  });
}

function withoutConfirm(typed: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < typed.length; i++) {
    const word = typed[i] ?? '';
    if (word === '--confirm') i++;
    else if (!word.startsWith('--confirm=')) kept.push(word);
  }
  return kept;
}
