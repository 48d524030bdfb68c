import { createHash } from 'node:crypto';
import { closeSync, copyFileSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { nonce } from '../../state/nonce.ts';
import type { Check } from '../check.ts';
import { broken, shown } from '../resources.ts';
import { checkInterrupted, mustSucceed, runOnce } from '../run-script.ts';
import type { Made, Trial } from '../trial.ts';
import { firstOf } from './urls.ts';

export const dump: Check = async (trial) => {
  const file = await dumped(trial, firstOf(trial));
  if (statSync(file).size > 0) return undefined;
  throw broken(
    'dump succeeded and wrote nothing.',
    'Write at least a heading, also of a resource without data: an empty dump is what a failed one looks like.',
  );
};

export const restore: Check = async (trial) => {
  const made = firstOf(trial);
  const file = await dumped(trial, made);
  for (const situation of ['from its own dump', 'from its own dump a second time'])
    mustSucceed(trial, await restored(trial, made, file), situation);
  return undefined;
};

export const restoreEmpty: Check = async (trial) => {
  await expectRefused(
    trial,
    () => join(trial.scratch, nonce()),
    'nothing on stdin',
    'Look whether anything came (an empty pipe is what a dump that failed elsewhere looks like), and change nothing before.',
  );
  return undefined;
};

export const restoreCut: Check = async (trial) => {
  const whole = await dumped(trial, firstOf(trial));
  const { size } = statSync(whole);
  if (size < 2) return { skipped: 'its dump is too short to be cut' };
  const half = () => {
    const path = join(trial.scratch, nonce());
    copyFileSync(whole, path);
    truncateSync(path, Math.floor(size / 2));
    return path;
  };
  await expectRefused(
    trial,
    half,
    `the first half of a dump (${Math.floor(size / 2)} of ${size} bytes)`,
    'Let dump write an end mark or a checksum, where its format has none, and restore look for it before it changes anything.',
  );
  return undefined;
};

async function expectRefused(trial: Trial, input: () => string, what: string, hint: string): Promise<void> {
  const made = firstOf(trial);
  const before = await contentOf(trial, made);
  const file = input();
  const { exit } = await restored(trial, made, file);
  checkInterrupted(trial);
  if (exit === 0) throw broken(`restore succeeded with ${what}.`, hint);
  if (!(await hasChanged(trial, made, before))) return;
  throw broken(`restore refused ${what}, but the data is not what it was.`, hint);
}

/** Some formats hold the time, so a difference counts only where two dumps of the same data are the same later, too. */
async function hasChanged(trial: Trial, made: Made, before: string): Promise<boolean> {
  const after = await contentOf(trial, made);
  if (after === before) return false;
  trial.tell('looking whether dumps of the same data are the same');
  await delay(A_CLOCK_TICK);
  return (await contentOf(trial, made)) === after;
}

const A_CLOCK_TICK = 1100; // ms; formats that hold the time hold its seconds

const contentOf = async (trial: Trial, made: Made): Promise<string> =>
  createHash('sha256')
    .update(readFileSync(await dumped(trial, made)))
    .digest('hex');

async function dumped(trial: Trial, made: Made): Promise<string> {
  const path = join(trial.scratch, nonce());
  const stdout = openSync(path, 'wx', 0o600);
  try {
    mustSucceed(trial, await runOnce(trial, 'dump', [made.id, made.private], { stdout }), `of ${shown(made.id)}`);
  } finally {
    closeSync(stdout);
  }
  return path;
}

async function restored(trial: Trial, made: Made, file: string) {
  const stdin = openSync(file, 'a+', 0o600);
  try {
    return await runOnce(trial, 'restore', [made.id, made.private], { stdin });
  } finally {
    closeSync(stdin);
  }
}
