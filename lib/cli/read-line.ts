import type { Readable } from 'node:stream';
import { AddonsError } from '../errors.ts';

/**
 * One line, as a terminal hands it over after Enter; undefined at the end of input. Not `node:readline`: that puts the
 * terminal into raw mode, where Ctrl-C is no signal any more.
 *
 * @throws {AddonsError} `aborted`
 */
export const readLine = (input: Readable, signal: AbortSignal): Promise<string | undefined> =>
  new Promise((resolve, reject) => {
    let text = '';
    const settle = (result: () => void) => {
      input.pause();
      input.off('data', onData).off('end', onEnd).off('error', onEnd);
      signal.removeEventListener('abort', onAbort);
      result();
    };
    const onData = (chunk: Buffer | string) => {
      text += chunk.toString();
      const end = text.indexOf('\n');
      if (end < 0) return;
      const rest = text.slice(end + 1);
      settle(() => resolve(text.slice(0, end)));
      // Answers typed ahead belong to the next question.
      if (rest) input.unshift(rest);
    };
    const onEnd = () => settle(() => resolve(undefined));
    const onAbort = () => settle(() => reject(new AddonsError('aborted', 'Interrupted: nothing was changed.')));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    input.on('data', onData).on('end', onEnd).on('error', onEnd).resume();
  });
