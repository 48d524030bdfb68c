import { AddonsError } from '../errors.ts';
import type { Answer } from './protocol.ts';

export interface Limits {
  /** Milliseconds. */
  timeout: number;
  signal?: AbortSignal | undefined;
}

/** The calls of one companion that wait for their answers. */
export interface Calls {
  /** Waits for the answer to a call, which is sent with its number. */
  wait(send: (id: number) => void, limits: Limits, onTimeout: () => void): Promise<Answer>;
  /** False: nobody waits for it. */
  settle(answer: Answer): boolean;
  /** Every call that waits fails. */
  fail(error: AddonsError): void;
}

export function openCalls(): Calls {
  const waiting = new Map<number, { settle(answer: Answer): void; fail(error: AddonsError): void }>();
  let last = 0;
  return {
    wait: (send, { timeout, signal }, onTimeout) =>
      new Promise((resolve, reject) => {
        const id = ++last;
        const over = (done: () => void) => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', onAbort);
          waiting.delete(id);
          done();
        };
        const onAbort = () => over(() => reject(new AddonsError('aborted', 'Interrupted.')));
        const timer = setTimeout(onTimeout, timeout);
        signal?.addEventListener('abort', onAbort);
        waiting.set(id, {
          settle: (answer) => over(() => resolve(answer)),
          fail: (error) => over(() => reject(error)),
        });
        if (signal?.aborted) onAbort();
        else send(id);
      }),
    settle(answer) {
      const call = waiting.get(answer.id);
      call?.settle(answer);
      return call !== undefined;
    },
    fail(error) {
      for (const call of [...waiting.values()]) call.fail(error);
    },
  };
}
