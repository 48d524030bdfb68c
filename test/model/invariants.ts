import { path } from './files.ts';
import { appDirs, entries, linesOf, quarantined, records, runs } from './journal.ts';
import { idOf, isAbout, ofApp } from './operation.ts';
import type { State } from './state.ts';

/** The first invariant that does not hold where all is done and recovery has nothing left to do, or null. */
export function violationAtEnd(s: State): string | null {
  for (const [name, problem] of Object.entries(AT_END)) {
    const why = problem(s);
    if (why) return `${name}: ${why}`;
  }
  return null;
}

/** I7 and what of I1 holds always, asked of every state. I3 and I4 are asked by the scripts as they run, I6 by the explorer too. */
export function violationNow(s: State): string | null {
  return twoScripts(s) ?? twoPlaces(s);
}

/** A resource is in two places only while the entry that leads it from one to the other is there. */
function twoPlaces(s: State): string | null {
  for (const id of Object.keys(s.resources)) {
    const { lines, trashed } = placesOf(s, id);
    if (lines + trashed < 2) continue;
    const leads = (kind: string) => entries(s).some(({ op }) => op.kind === kind && idOf(op) === id);
    const may = trashed
      ? lines === 1 && trashed === 1 && (leads('remove') || leads('undo'))
      : lines === 2 && leads('move');
    if (!may) return `I1 ${id} is in ${lines} lines and ${trashed} trash records`;
  }
  return null;
}

function twoScripts(s: State): string | null {
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
      const { lines, trashed } = placesOf(s, id);
      const told = s.ghost[`abandoned ${id}`] || s.ghost[`forgotten ${id}`] || path.kept(id) in s.files;
      const journaled = entries(s).some(({ entry, op }) => entry === resource.op || idOf(op) === id);
      if (lines + trashed > 1 || (lines + trashed === 0 && !journaled && !told)) {
        return `${id} is in ${lines} lines, ${trashed} trash records and in no entry`;
      }
    }
    return null;
  },

  I2_everyLineHasItsResource(s) {
    for (const line of allLines(s)) {
      const resource = s.resources[line.id];
      if (!resource && !s.ghost[`reported ${line.id}`]) return `line ${line.id} without resource`;
      const unsure = s.ghost[`unsure ${line.id}`];
      if (resource && resource.private !== line.private && !unsure) return `line ${line.id} holds an old private`;
    }
    return null;
  },

  I2_everyRecordHasItsResource(s) {
    for (const { record } of records(s)) {
      const { id } = record;
      if (!s.resources[id] && !s.ghost[`reported ${id}`]) return `${id} is in the trash and exists no more`;
    }
    return null;
  },

  I2_everyCopyHasItsData(s) {
    for (const { id } of allLines(s)) {
      const { op, data } = s.resources[id] ?? {};
      const made = s.setting.run[Number(op?.slice(1))];
      if (op?.startsWith('p') && made?.[0] === 'clone' && data === undefined) return `the copy ${id} has no data`;
      if (data === 'part') return `the copy ${id} has only a part of its data`;
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

  I4_nobodyUsesWhatIsDisabled(s) {
    const used = [...allLines(s), ...records(s).map(({ record }) => record)].find(
      (x) => !s.files[path.marker(x.addon)],
    );
    return used ? `${used.id} of ${used.addon}, which is not enabled` : null;
  },

  I5_namesFollowLines(s) {
    for (const ino of appDirs(s)) {
      const names = s.files[path.names(ino)] ?? [];
      const lines = linesOf(s, ino).map((line) => line.addon);
      const settled = (addon: string) => !entries(s).some(({ op }) => isAbout(op, ino, addon));
      const stale = names.find((addon) => !lines.includes(addon) && settled(addon));
      if (stale) return `${stale} of d${ino} has an extra name and no line`;
      const lost = s.setting.names && lines.find((addon) => !names.includes(addon));
      if (lost) return `${lost} of d${ino} lost its extra name`;
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

function placesOf(s: State, id: string) {
  return {
    lines: allLines(s).filter((line) => line.id === id).length,
    trashed: records(s).filter(({ record }) => record.id === id).length,
  };
}

const allLines = (s: State) => appDirs(s).flatMap((ino) => linesOf(s, ino));
