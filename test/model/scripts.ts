import { path } from './files.ts';
import type { Job, Output, ScriptName } from './job.ts';
import { appDirs, entries, linesOf, records, runs } from './journal.ts';
import { bad, type State } from './state.ts';
import type { Choose } from './steps.ts';

interface Told {
  out?: Output;
  exit: number;
}
type Script = (s: State, job: Job, choose: Choose) => Told;

/** What an add-on's scripts do to its server, and what would be wrong about running them just now (I3, I4). */
export const SCRIPTS: Record<ScriptName, Script> = {
  /** May fail before anything exists, after it printed its line (`late`), or print a line that means nothing. */
  provision(s, { entry, n, arg: app, op }, choose) {
    mayRun(s, op.addon, 'provision');
    const way = outcome(s, choose, 'fail', 'late', 'garbage');
    if (way === 'fail') return { exit: 1 };
    const id = existing(s, entry) ?? newId(s, entry, n, app);
    if (id === null) return { exit: 1 };
    const resource = s.resources[id] ?? { addon: op.addon, op: entry, private: 0 };
    s.resources[id] = resource;
    if (way === 'garbage') return { exit: 0 };
    return { out: { id, private: resource.private }, exit: way === 'late' ? 1 : 0 };
  },

  unprovision(s, { arg: id, op }, choose) {
    mayRun(s, op.addon, 'unprovision');
    if (s.setting.unprovisionFails && outcome(s, choose, 'fail') !== 'ok') {
      s.ghost[`reported ${id}`] = 1;
      return { exit: 1 };
    }
    if (path.kept(id ?? '') in s.files) bad(s, `I3 ${op.kind} entry unprovisions ${id}, which is kept`);
    if (s.ghost[`forgotten ${id}`]) bad(s, `I3 ${op.kind} entry unprovisions ${id}, which was forgotten`);
    for (const { operation, record } of records(s)) {
      const own = op.kind === 'empty' && op.trashed === operation;
      if (!own && record.id === id) bad(s, `I3 ${op.kind} entry unprovisions ${id}, which is in the trash`);
    }
    for (const ino of appDirs(s)) {
      const own = op.kind === 'remove' && op.ino === ino;
      if (!own && linesOf(s, ino).some((line) => line.id === id)) {
        bad(s, `I3 ${op.kind} entry unprovisions ${id}, which a line holds`);
      }
    }
    if (id !== null) delete s.resources[id];
    return { exit: 0 };
  },

  restore(s, { entry, arg: id, op }, choose) {
    mayRun(s, op.addon, 'restore');
    if (outcome(s, choose, 'fail') !== 'ok') return { exit: 1 };
    const resource = id === null ? undefined : s.resources[id];
    if (!resource) return { exit: 1 };
    if (!s.setting.protocol.copyAfterLine && appDirs(s).some((ino) => linesOf(s, ino).some((line) => line.id === id))) {
      bad(s, `I3 restore replaces the data of ${id}, which a line holds`);
    }
    resource.data = s.files[path.dump(entry)] ?? 'part';
    return { exit: 0 };
  },

  rotate(s, { entry, arg: id, op }, choose) {
    mayRun(s, op.addon, 'rotate');
    if (outcome(s, choose, 'fail') !== 'ok') {
      s.ghost[`unsure ${id}`] = 1;
      return { exit: 1 };
    }
    const resource = id === null ? undefined : s.resources[id];
    if (!resource) return { exit: 1 };
    if (resource.rotated !== entry) {
      resource.rotated = entry;
      resource.private++;
    }
    return { out: { private: resource.private }, exit: 0 };
  },

  enable(s, { op }, choose) {
    const failed = outcome(s, choose, 'fail') !== 'ok';
    s.ghost[`last ${op.addon}`] = failed ? 'enable that failed' : 'enable';
    return { exit: failed ? 1 : 0 };
  },

  disable(s, { op: { addon } }, choose) {
    for (const [id, resource] of Object.entries(s.resources)) {
      const ours = !s.ghost[`abandoned ${id}`] && !s.ghost[`forgotten ${id}`] && !(path.kept(id) in s.files);
      if (resource.addon === addon && ours) bad(s, `I4 disable runs while ${id} exists`);
    }
    for (const ino of appDirs(s)) {
      if (linesOf(s, ino).some((line) => line.addon === addon)) bad(s, 'I4 disable runs while a line is there');
    }
    if (records(s).some(({ record }) => record.addon === addon))
      bad(s, 'I4 disable runs while a trash record is there');
    for (const { entry, op } of entries(s)) {
      const started = op.kind === 'add' && op.addon === addon && runs(s, entry).some((run) => run.pid);
      if (started) bad(s, 'I4 disable runs beside a live add');
    }
    if (outcome(s, choose, 'fail') !== 'ok') return { exit: 1 };
    s.ghost[`last ${addon}`] = 'disable';
    return { exit: 0 };
  },
};

/** Whether it goes well, or one of the ways it does not while the scenario has failures left to spend. */
function outcome<Way extends string>(s: State, choose: Choose, ...ways: Way[]): Way | 'ok' {
  const way = s.fails ? ways[choose(ways.length + 1) - 1] : undefined;
  if (way === undefined) return 'ok';
  s.fails--;
  return way;
}

function mayRun(s: State, addon: string, script: ScriptName): void {
  if (!s.files[path.marker(addon)]) bad(s, `I4 ${script} runs while the add-on is not enabled`);
  const disabling = entries(s).some(
    ({ entry, op }) => op.kind === 'disable' && op.addon === addon && s.files[path.starting(entry)],
  );
  if (disabling) bad(s, `I4 ${script} runs beside disable`);
}

/** What an idempotent add-on provisioned for this operation before. */
const existing = (s: State, entry: string): string | undefined =>
  s.setting.idempotent ? Object.keys(s.resources).find((id) => s.resources[id]?.op === entry) : undefined;

/** Null: it exists, so `provision` fails and leaves nothing. */
function newId(s: State, entry: string, n: number, app: string | null): string | null {
  const { ids, idempotent } = s.setting;
  if (ids === 'fixed') return s.resources[`#${app}`] ? null : `#${app}`;
  if (ids === 'fresh') return `#${entry}${idempotent ? '' : `.${n}`}`;
  let free = 1;
  while (s.resources[`#${free}`]) free++;
  return `#${free}`;
}
