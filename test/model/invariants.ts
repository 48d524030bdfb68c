import { path } from './files.ts';
import { appDirs, entries, linesOf, quarantined, runs } from './journal.ts';
import { idOf, ofApp } from './operation.ts';
import type { State } from './state.ts';

/** The first invariant that does not hold where all is done and recovery has nothing left to do, or null. */
export function violationAtEnd(s: State): string | null {
  for (const [name, problem] of Object.entries(AT_END)) {
    const why = problem(s);
    if (why) return `${name}: ${why}`;
  }
  return null;
}

/** I7, asked of every state. I3 and I4 are asked by the scripts as they run, I6 by the explorer too. */
export function violationNow(s: State): string | null {
  const busy = new Set<string>();
  for (const { program, started } of Object.values(s.processes)) {
    if (!started || program[0] !== 'wrapper') continue;
    const { entry } = program[1];
    if (busy.has(entry)) return `I7 two scripts of ${entry}`;
    busy.add(entry);
  }
  return null;
}

const AT_END: Record<string, (s: State) => string | null> = {
  I1_everyResourceHasOnePlace(s) {
    for (const [id, resource] of Object.entries(s.resources)) {
      if (s.ghost[`abandoned ${id}`]) continue;
      const lines = allLines(s).filter((line) => line.id === id).length;
      const journaled = entries(s).some(({ entry, op }) => entry === resource.op || idOf(op) === id);
      if (lines > 1 || (lines === 0 && !journaled)) return `${id} is in ${lines} lines and in no entry`;
    }
    return null;
  },

  I2_everyLineHasItsResource(s) {
    for (const line of allLines(s)) {
      const resource = s.resources[line.id];
      if (!resource && !s.ghost[`reported ${line.id}`]) return `line ${line.id} without resource`;
      if (resource && resource.private !== line.private) return `line ${line.id} holds an old private`;
    }
    return null;
  },

  I2_oneLineAnAddon(s) {
    for (const ino of appDirs(s)) {
      const lines = linesOf(s, ino);
      if (new Set(lines.map((line) => line.addon)).size < lines.length) return 'two lines of one add-on in one app';
    }
    return null;
  },

  I4_markerTellsTheTruth(s) {
    for (const [key, last] of Object.entries(s.ghost)) {
      if (!key.startsWith('last ')) continue;
      const addon = key.slice('last '.length);
      if (entries(s).some(({ op }) => !ofApp(op) && op.addon === addon)) continue;
      const enabled = path.marker(addon) in s.files;
      if (enabled !== (last === 'enable')) return `marker is ${enabled} after ${last}`;
    }
    return null;
  },

  I5_envFollowsLines(s) {
    for (const ino of appDirs(s)) {
      for (const [addon, value] of Object.entries(s.files[path.env(ino)] ?? {})) {
        const line = linesOf(s, ino).find((x) => x.addon === addon);
        const [id, secret] = value.split(';');
        if (line?.id !== id) return `ENV holds ${value}, removed`;
        const old = Number(secret) !== line?.private;
        if (old && !s.ghost[`rotated ${ino}`]) return `ENV holds private ${secret}, the line ${line?.private}`;
      }
    }
    const stale = (s.ghost.urlAt ?? 0) < (s.ghost.urlDue ?? 0);
    return stale ? 'ENV holds a url older than the last release saw' : null;
  },

  I6_nothingLeftOver(s) {
    for (const { entry } of entries(s)) {
      if (!quarantined(s, entry)) return `entry ${entry} stays`;
      const everRan = runs(s, entry).some((run) => run.pid === 'wrapper');
      if (!s.setting.power && !everRan) return `entry ${entry} in quarantine though no script ever ran`;
    }
    return null;
  },
};

const allLines = (s: State) => appDirs(s).flatMap((ino) => linesOf(s, ino));
