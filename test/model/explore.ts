import { violationAtEnd } from './invariants.ts';
import { AS_BUILT, type Protocol } from './protocol.ts';
import { type Scenario, settingOf } from './setting.ts';
import { startOf } from './state.ts';
import { successors } from './successors.ts';
import { stateOf, textOf } from './text.ts';

export interface Exploration {
  /** How many different states were reached. */
  states: number;
  /** The first invariant found violated, and the shortest way there. */
  violation?: { why: string; trace: string[] };
}

/** Visits every state that can be reached, nearest first, up to the first violation. */
export function explore(scenario: Scenario, protocol: Protocol = AS_BUILT): Exploration {
  const setting = settingOf(scenario, protocol);
  const first = textOf(startOf(setting));
  const seen = new Map([[first, 0]]);
  const reached: { from: number; label: string }[] = [{ from: -1, label: '' }];
  const edges: Edges = { from: [], to: [] };
  const ends: number[] = [];
  const violated = (why: string, at: number, last: string): Exploration => ({
    states: seen.size,
    violation: { why, trace: [...traceTo(reached, at), last] },
  });

  // A Map hands out what is added while it is read, in order: it is the queue of the search as well.
  for (const [text, at] of seen) {
    let moved = false;
    const now = stateOf(text, setting);
    for (const { label, next, crash } of successors(now, text)) {
      moved ||= !crash;
      if (next.bad) return violated(next.bad, at, label);
      const key = textOf(next);
      const known = seen.get(key) ?? seen.size;
      if (known === seen.size) {
        seen.set(key, known);
        reached.push({ from: at, label });
      }
      if (crash) continue;
      edges.from.push(at);
      edges.to.push(known);
    }
    if (now.done && !Object.keys(now.processes).length) {
      const why = violationAtEnd(now);
      if (why) return violated(why, at, 'end');
      ends.push(at);
    } else if (!moved) {
      return violated('I6 deadlock', at, 'stuck');
    }
  }
  const endless = withoutEnd(seen.size, edges, ends);
  return endless < 0 ? { states: seen.size } : violated('I6 livelock: no end can be reached', endless, '…');
}

function traceTo(reached: { from: number; label: string }[], state: number): string[] {
  const trace: string[] = [];
  for (let at = reached[state]; at && at.from >= 0; at = reached[at.from]) trace.unshift(at.label);
  return trace;
}

interface Edges {
  from: number[];
  to: number[];
}

/** A state from which no end can be reached unless something crashes, or -1: walks back from the ends. */
function withoutEnd(states: number, { from, to }: Edges, ends: number[]): number {
  const into = Array.from({ length: states }, (): number[] => []);
  for (const [edge, state] of to.entries()) into[state]?.push(from[edge] ?? 0);
  const leadsToEnd = new Uint8Array(states);
  for (const open = [...ends]; ; ) {
    const state = open.pop();
    if (state === undefined) return leadsToEnd.indexOf(0);
    if (leadsToEnd[state]) continue;
    leadsToEnd[state] = 1;
    for (const before of into[state] ?? []) if (!leadsToEnd[before]) open.push(before);
  }
}
