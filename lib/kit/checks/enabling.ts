import { setEnabled, unsetEnabled } from '../../state/markers.ts';
import type { Check } from '../check.ts';
import { controlDaemons } from '../daemons.ts';
import { leftovers } from '../leftovers.ts';
import { broken, listed, provision, unprovision, urlOf } from '../resources.ts';
import { mustSucceed, runOnce } from '../run-script.ts';
import type { Trial } from '../trial.ts';

export const enable: Check = async (trial) => {
  await enabled(trial, '');
  return undefined;
};

export const enableAgain: Check = async (trial) => {
  await enabled(trial, 'run a second time');
  return undefined;
};

export const health: Check = async (trial) => {
  mustSucceed(trial, await runOnce(trial, 'health', []), 'of the enabled add-on');
  return undefined;
};

export const disableInUse: Check = async (trial) => {
  const made = await provision(trial, 'in-use');
  const before = await urlOf(trial, made);
  const { exit } = await runOnce(trial, 'disable', []);
  if (exit === 0) {
    // The rest needs it enabled; what became of the resource is nobody's guess.
    await enabled(trial, 'after that');
    trial.made.clear();
    throw broken(
      'disable succeeded while an app had a resource.',
      'Let it look for resources first, name them on stderr and exit with 1: it may be one that is marked as kept.',
    );
  }
  const after = await urlOf(trial, made);
  if (after !== before && trial.passed.has('url-stable'))
    throw broken(
      'disable refused, but the resource has another URL than before.',
      'Let it look for resources before it changes anything.',
    );
  await unprovision(trial, made.id);
  return undefined;
};

export const disable: Check = async (trial) => {
  // Also what killed runs left: nothing may be there when it is disabled.
  for (const id of new Set([...trial.made.keys(), ...((await listed(trial)) ?? [])])) await unprovision(trial, id);
  await disabled(trial, 'with no resource left');
  return undefined;
};

export const disableAgain: Check = async (trial) => {
  await disabled(trial, 'run a second time');
  return undefined;
};

export const nothingLeft: Check = async (trial) => {
  trial.tell('waiting for processes and containers to go');
  const left = await leftovers(trial, 5000);
  if (left.length === 0) return undefined;
  const more = left.length > 5 ? ` and ${left.length - 5} more` : '';
  throw broken(
    `After disable there is still: ${left.slice(0, 5).join(', ')}${more}.`,
    'Let disable stop and remove all that enable and provision made, and wait until it is gone.',
  );
};

export const enableAnew: Check = async (trial) => {
  await enabled(trial, 'after disable');
  const before = new Set(trial.ids);
  const made = await provision(trial, 'shop');
  if (before.has(made.id)) {
    throw broken(
      `After disable and enable, provision gave out ${made.id} again.`,
      'Build the id from ADDONS_OP_ID, which is unique for ever, and not from a counter or the data directory.',
    );
  }
  if (trial.passed.has('url')) await urlOf(trial, made);
  await unprovision(trial, made.id);
  await disabled(trial, 'after being enabled anew');
  return undefined;
};

async function enabled(trial: Trial, situation: string): Promise<void> {
  // Set first: a run that failed half-way is to be tidied away as well.
  trial.enabled = true;
  mustSucceed(trial, await runOnce(trial, 'enable', []), situation);
  await setEnabled(trial.store, trial.addon.name);
  await controlDaemons(trial, 'start');
}

async function disabled(trial: Trial, situation: string): Promise<void> {
  await controlDaemons(trial, 'stop');
  mustSucceed(trial, await runOnce(trial, 'disable', []), situation);
  trial.enabled = false;
  await unsetEnabled(trial.store, trial.addon.name);
}
