import type { State } from './state.ts';

/** One atomic thing that a process does. What `act` returns is stored as JSON: it is all that a process remembers. */
export interface Step {
  readonly label: string;
  readonly act: Act<unknown>;
}
export type Act<R> = (s: State, choose: Choose) => R;

/** Picks one of `ways` ways, numbered from 0; the explorer tries them all. */
export type Choose = (ways: number) => number;

/** A program: the steps of a process, one after another, each answered with its result. */
export type Steps<R = void> = Generator<Step, R, unknown>;

/** Returned by a step that cannot be taken now. It must not have changed anything. */
export interface Blocked {
  readonly blocked: true;
}
export const BLOCKED: Blocked = { blocked: true };

/** Returned by the step that makes a process forget everything and begin anew. */
export const START_AGAIN = Symbol('start again');

export function* step<R>(label: string, act: Act<R | Blocked>): Steps<R> {
  // The explorer answers a step with what its act returned, and never with BLOCKED.
  return (yield { label, act }) as R;
}

export function* startAgain(): Steps<never> {
  yield { label: 'start again', act: () => START_AGAIN };
  throw new Error('A process that starts again must not go on.');
}
