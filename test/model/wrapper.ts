import { durable, put, sync } from './disk.ts';
import { path } from './files.ts';
import { type Job, type ScriptName, wrapperPid } from './job.ts';
import { groupAlive, runs } from './journal.ts';
import type { Operation } from './operation.ts';
import { SCRIPTS } from './scripts.ts';
import type { Me, State } from './state.ts';
import { BLOCKED, type Steps, step } from './steps.ts';

/** Starts a script under its wrapper and waits until its whole group is dead. What came of it is on disk. */
export function* run(me: Me, entry: string, op: Operation, script: ScriptName, arg: string | null = null): Steps {
  const start = (s: State, n: number) => {
    const job: Job = { entry, n, parent: me.pid, script, arg, op };
    s.processes[wrapperPid(entry, n)] = { program: ['wrapper', job], log: [] };
  };
  const { power, protocol } = me.setting;
  const n = yield* step(`mkdir run (${script})`, (s) => {
    const next = runs(s, entry).length + 1;
    put(s, path.run(entry, next), { script, arg });
    if (!power) start(s, next);
    return next;
  });
  if (power) {
    if (protocol.runDirSync) yield* step('sync entry directory', (s) => sync(s, path.run(entry, n)));
    yield* step('start wrapper', (s) => start(s, n));
  }
  yield* step(`wait for ${script}`, (s) => (groupAlive(s, entry, n) ? BLOCKED : null));
}

/** The small shell around a script: claims the run, starts the script, makes its output and exit status durable. */
export function* wrapper(me: Me, job: Job): Steps {
  const { entry, n, script, arg } = job;
  const [pid, out, exit] = [path.pid(entry, n), path.out(entry, n), path.exit(entry, n)];
  // The entry may be gone, if the protocol is wrong: then nobody hears what the script says.
  const heard = (s: State) => path.run(entry, n) in s.files;
  const killed = (s: State) => s.processes[me.pid]?.killed;

  const claimed = yield* durable(
    me,
    'wrapper claims pid',
    [pid],
    (s) => {
      if (!heard(s) || s.files[pid]) return false;
      put(s, pid, 'wrapper');
      const own = s.processes[me.pid];
      if (own) own.started = 1;
      return true;
    },
    { synced: !me.setting.protocol.noPidSync },
  );
  if (!claimed) return;
  const told = yield* step(`script ${script} ${arg ?? ''}`, (s, choose) =>
    killed(s) ? { exit: 0 } : SCRIPTS[script](s, job, choose),
  );
  const printed = told.out;
  if (printed) {
    yield* step('script prints', (s) => {
      if (heard(s) && !killed(s)) put(s, out, printed);
    });
  }
  yield* durable(me, `wrapper writes exit ${told.exit}, or the signal's`, [exit], (s) => {
    if (s.processes[me.pid]?.orphan || !heard(s)) return;
    sync(s, out);
    put(s, exit, killed(s) ?? told.exit);
  });
}
