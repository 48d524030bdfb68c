import { addAbortSignal } from 'node:stream';
import { AddonsError } from '../errors.ts';
import type { Call } from './call.ts';
import { write } from './io.ts';
import { readLine } from './read-line.ts';
import { visible } from './visible-text.ts';

/**
 * A secret of one line, which may be empty: typed at the terminal without being shown, else all of stdin. Never an argument: every
 * user of the machine can read those.
 *
 * @throws {AddonsError} `usage`, `confirmation-needed` with `--no-input` at a terminal, `aborted`
 */
export async function askSecret(call: Call, question: string): Promise<string> {
  const { io, flags, report } = call;
  if (!io.terminal.stdin) return oneLine(await readAll(call));
  if (flags.input === false || !io.terminal.stderr) {
    throw new AddonsError('confirmation-needed', 'The private must be given, and nobody may be asked.', {
      hint: 'Give it on standard input.',
    });
  }
  report.clear();
  io.echo?.(false); // before the question: an answer may come at once
  try {
    await write(io.stderr, ` ?     ${visible(question)}: `);
    return (await readLine(io.stdin, io.signal)) ?? '';
  } finally {
    io.echo?.(true);
    await write(io.stderr, '\n');
  }
}

const LIMIT = 64 * 1024; // bytes; a line of ADDONS holds far less

async function readAll({ io }: Call): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Else a signal would wait for whoever holds the other end of the pipe.
    for await (const chunk of addAbortSignal(io.signal, io.stdin)) {
      chunks.push(Buffer.from(chunk));
      size += Buffer.byteLength(chunk);
      if (size > LIMIT) break;
    }
  } catch (error) {
    if (io.signal.aborted) throw new AddonsError('aborted', 'Interrupted: nothing was changed.');
    throw error;
  }
  return Buffer.concat(chunks);
}

function oneLine(bytes: Buffer): string {
  const line = decode(bytes).replace(/\r?\n$/, '');
  if (!/[\r\n]/.test(line) && bytes.length <= LIMIT) return line;
  throw new AddonsError('usage', 'Standard input holds more than one line.', {
    hint: 'Give the private on one line, or nothing for a resource without one: < /dev/null',
  });
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new AddonsError('usage', 'Standard input holds what is not valid UTF-8.', {
      hint: 'Give the private as UTF-8 text on one line.',
    });
  }
}
