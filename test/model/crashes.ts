import { groupsOf, ownedBy } from './commands/give-up.ts';
import { losePower } from './disk.ts';
import { pathsOf } from './files.ts';
import { mayCrash } from './programs.ts';
import type { Process, State } from './state.ts';

export interface Crash {
  label: string;
  strike: (s: State) => void;
}

/** 128 + SIGKILL: what a wrapper writes whose script was killed. */
const KILLED = 137;

/** Everything that may befall a state, one at a time. */
export function crashesOf(s: State): Crash[] {
  if (!s.crashes) return [];
  const kills = Object.entries(s.processes).flatMap(([pid, process]) =>
    process.program[0] === 'wrapper' ? killsOfScript(s, pid, process) : killsOfManager(s, pid, process),
  );
  return s.setting.power ? [...kills, ...powerLosses(s)] : kills;
}

function killsOfManager(s: State, pid: string, process: Process): Crash[] {
  if (!mayCrash(process)) return [];
  const { kinds } = s.setting;
  const group = groupsOf(s, pid);
  const crashes: Crash[] = [];
  if (kinds.includes('manager')) crashes.push({ label: `KILL ${pid}`, strike: (next) => kill(next, [pid]) });
  if (kinds.includes('group') && group.length) {
    crashes.push({ label: `KILL ${pid} and its group`, strike: (next) => kill(next, [pid, ...group]) });
  }
  // Before it has an entry, giving up is an end like any other.
  if (kinds.includes('give up') && process.program[0] !== 'giveUp' && ownedBy(s, pid).length) {
    crashes.push({
      label: `STOP ${pid}`,
      strike: (next) => {
        next.processes[pid] = { program: ['giveUp'], log: [] };
      },
    });
  }
  return crashes;
}

function killsOfScript(s: State, pid: string, { started, orphan, killed }: Process): Crash[] {
  const { kinds } = s.setting;
  const crashes: Crash[] = [];
  if (kinds.includes('script')) crashes.push({ label: `KILL ${pid}`, strike: (next) => kill(next, [pid]) });
  if (!started || orphan) return crashes;
  if (kinds.includes('shell')) {
    crashes.push({ label: `KILL only the shell of ${pid}`, strike: (next) => mark(next, pid, { orphan: 1 }) });
  }
  if (kinds.includes('child') && !killed) {
    crashes.push({ label: `KILL only the script of ${pid}`, strike: (next) => mark(next, pid, { killed: KILLED }) });
  }
  return crashes;
}

function kill(s: State, pids: string[]): void {
  for (const pid of pids) delete s.processes[pid];
}

function mark(s: State, pid: string, fate: Pick<Process, 'orphan' | 'killed'>): void {
  const process = s.processes[pid];
  if (process) Object.assign(process, fate);
}

/** Any set of the unsynced writes is lost. */
function powerLosses(s: State): Crash[] {
  const paths = pathsOf(s.unsynced);
  return Array.from({ length: 1 << paths.length }, (_, set) => {
    const lost = paths.filter((_, i) => (set >> i) & 1);
    return { label: `POWER LOSS, lost: ${lost.join(' ') || 'nothing'}`, strike: (next) => losePower(next, lost) };
  });
}
