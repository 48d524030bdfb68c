import { setTimeout as delay } from 'node:timers/promises';
import { parseProvision } from '../../addon/contract.ts';
import { groupRuns, send } from '../../scripts/processes.ts';
import { newOperationId } from '../../state/journal.ts';
import type { Check } from '../check.ts';
import { logIn } from '../logins.ts';
import { broken, listed, provision, remember, shown, unprovision, urlOf } from '../resources.ts';
import { checkInterrupted, runOnce } from '../run-script.ts';
import type { Made, Trial } from '../trial.ts';

export const provisionAgain: Check = async (trial) => {
  const known = await listed(trial);
  const operation = newOperationId();
  const first = await provision(trial, 'twice', { operation });
  const second = await provision(trial, 'twice', { operation });
  await expectSame(trial, first.id, second, 'run twice with one ADDONS_OP_ID', known);
  await unprovision(trial, second.id);
  return undefined;
};

export const provisionKilled: Check = async (trial) => {
  const full = median(trial.durations);
  const moments = full > LONG ? FEW : MANY;
  for (const [at, part] of [...moments, 0.5].entries()) {
    const signal = at === moments.length ? 'SIGTERM' : 'SIGKILL';
    const known = await listed(trial);
    const operation = newOperationId();
    const app = `killed-${at}`;
    const printed = await killed(trial, app, operation, signal, full * part);
    trial.tell(`provision after ${signal} at ${Math.round(part * 100)} % of its time`);
    const made = await provision(trial, app, { operation });
    const situation = `killed by ${signal} after ${Math.round(full * part)} ms and run again with the same ADDONS_OP_ID`;
    await expectSame(trial, printed, made, situation, known);
    await unprovision(trial, made.id);
  }
  return undefined;
};

export const unprovisionHalf: Check = async (trial) => {
  const full = median(trial.durations);
  for (const [at, part] of FEW.entries()) {
    const known = (await listed(trial)) ?? [];
    const printed = await killed(trial, `half-${at}`, newOperationId(), 'SIGKILL', full * part);
    if (printed !== undefined) await unprovision(trial, printed);
    const left = ((await listed(trial)) ?? []).find((id) => !known.includes(id));
    if (left === undefined) continue;
    await unprovision(trial, left);
    // No line, and yet something there: for that, running again is the remedy, which another check is about.
    if (printed === undefined) continue;
    throw broken(
      `provision was killed after it had printed its line, and unprovision of that id left ${shown(left)}.`,
      'Let unprovision destroy all that provision may have made under this id, half-done work included.',
    );
  }
  return undefined;
};

const MANY = [0.06, 0.18, 0.3, 0.42, 0.54, 0.66, 0.78, 0.9];
const FEW = [0.2, 0.4, 0.6, 0.8];
const LONG = 3000; // ms

/** Runs provision, ends its whole group at a moment, and gives the id if its whole line was out by then. */
async function killed(
  trial: Trial,
  app: string,
  operation: string,
  signal: 'SIGKILL' | 'SIGTERM',
  after: number,
): Promise<string | undefined> {
  let group = 0;
  let timer: NodeJS.Timeout | undefined;
  const { out } = await runOnce(trial, 'provision', [app], {
    operation,
    onStart: (pid) => {
      group = pid;
      timer = setTimeout(() => send(signal, -pid), after);
    },
  });
  clearTimeout(timer);
  // Nobody runs it again while one of its processes lives; what does not heed TERM gets KILL, as from the tool.
  for (let waited = 0; groupRuns(group); waited += LOOK_EVERY) {
    if (waited > PATIENCE) send('SIGKILL', -group);
    if (waited > 2 * PATIENCE) throw unkillable(signal);
    await delay(LOOK_EVERY);
  }
  if (!out.toString().endsWith('\n')) return undefined;
  try {
    const made = { app, ...parseProvision(out) };
    remember(trial, made);
    return made.id;
  } catch {
    return undefined;
  }
}

const LOOK_EVERY = 10; // ms
const PATIENCE = 2000; // ms

const unkillable = (signal: string) =>
  broken(
    `provision was sent ${signal} and SIGKILL, and a process of its group runs on.`,
    'Start nothing there that this user may not end: sudo, or what a hanging file system holds up.',
  );

/** That it is one resource, under one id, and with a private that works. */
async function expectSame(
  trial: Trial,
  first: string | undefined,
  made: Made,
  situation: string,
  known: readonly string[] | undefined,
): Promise<void> {
  const hint = 'Choose the id from ADDONS_OP_ID before anything else, and let provision finish what it finds of it.';
  if (first !== undefined && first !== made.id)
    throw broken(`provision, ${situation}, printed two ids: ${shown(first)} and ${shown(made.id)}.`, hint);
  const now = await listed(trial);
  const more = now?.filter((id) => !known?.includes(id)) ?? [made.id];
  if (more.length !== 1 || more[0] !== made.id)
    throw broken(`provision, ${situation}, left ${more.length} resources: ${more.map(shown).join(', ')}.`, hint);
  const address = await urlOf(trial, made);
  if (!trial.passed.has('login')) return;
  const end = await logIn(address, trial.signal);
  checkInterrupted(trial);
  if (end.end === 'accepted' || end.end === 'unknown') return;
  throw broken(
    `provision, ${situation}, printed a private that does not let a client in.`,
    'Let the second run set the password anew, or print the one that the first run stored.',
  );
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
