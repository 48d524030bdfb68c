import { crashesOf } from './crashes.ts';
import { violationNow } from './invariants.ts';
import { free } from './locks.ts';
import { stepsOf } from './programs.ts';
import type { Setting } from './setting.ts';
import { bad, type Process, type State } from './state.ts';
import { BLOCKED, type Choose, START_AGAIN, type Step } from './steps.ts';
import { stateOf } from './text.ts';

export interface Successor {
  label: string;
  /** It may happen, and may not: nobody can count on it. */
  crash?: true;
  next: State;
}

/** More steps than any process needs. */
const ENDLESS = 150;

/** Every state that one step of one process, a recovery or a crash leads to. `text` is that of `now`, for copies. */
export function* successors(now: State, text: string): Generator<Successor> {
  const { setting } = now;
  for (const pid of Object.keys(now.processes)) yield* stepsOfProcess(text, setting, pid);
  if (!now.done && Object.values(now.processes).every(({ program }) => program[0] === 'wrapper')) {
    const next = stateOf(text, setting);
    next.processes[`rec${next.recoveries++}`] = { program: ['recoverAll'], log: [] };
    yield { label: 'recovery starts', next };
  }
  for (const { label, strike } of crashesOf(now)) {
    const next = stateOf(text, setting);
    next.crashes--;
    strike(next);
    yield { label, next, crash: true };
  }
}

/** The next step of one process, once for each way it may choose. */
function* stepsOfProcess(text: string, setting: Setting, pid: string): Generator<Successor> {
  for (const todo: number[][] = [[]]; ; ) {
    const picks = todo.pop();
    if (!picks) return;
    const next = stateOf(text, setting);
    const process = next.processes[pid];
    if (!process) return;
    const { upcoming, endsAfter } = replay(next, pid, process);
    if (!upcoming) {
      delete next.processes[pid];
      yield { label: `${pid} ends`, next };
      continue;
    }
    const choices = choicesFrom(picks, todo);
    const result = upcoming.act(next, choices.choose);
    if (result === BLOCKED) continue;
    remember(next, pid, process, result, endsAfter);
    const ways = choices.made.length ? ` [${choices.made}]` : '';
    yield { label: `${pid} ${upcoming.label}${ways}`, next };
  }
}

/** Leads a process to where it stands, by answering its steps with what they returned. */
function replay(s: State, pid: string, { program, log }: Process) {
  const steps = stepsOf({ pid, setting: s.setting }, program);
  let at = steps.next();
  for (const result of log) at = steps.next(result);
  const upcoming: Step | null = at.done ? null : at.value;
  return { upcoming, endsAfter: (result: unknown): boolean => steps.next(result).done === true };
}

function remember(
  s: State,
  pid: string,
  process: Process,
  result: unknown,
  endsAfter: (result: unknown) => boolean,
): void {
  if (result === START_AGAIN) {
    process.log = [];
  } else {
    const remembered = result ?? null;
    process.log.push(remembered);
    if (process.log.length > ENDLESS) bad(s, 'I6 a process goes round in circles');
    if (endsAfter(remembered)) {
      delete s.processes[pid];
      free(s, pid);
      if (process.program[0] === 'recoverAll') s.done = 1;
    }
  }
  s.bad ??= violationNow(s);
}

/** Chooses as `picks` says, then always the first way; every other way is noted in `todo`. */
function choicesFrom(picks: number[], todo: number[][]): { choose: Choose; made: number[] } {
  const made = [...picks];
  let asked = 0;
  const choose: Choose = (ways) => {
    const pick = made[asked++];
    if (pick !== undefined) return pick;
    for (let other = 1; other < ways; other++) todo.push([...made, other]);
    made.push(0);
    return 0;
  };
  return { choose, made };
}
