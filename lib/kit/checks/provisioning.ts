import { newOperationId } from '../../state/journal.ts';
import type { Check } from '../check.ts';
import { broken, unprovision as destroy, listed, listedNow, provision as provisionOnce, shown } from '../resources.ts';
import { mustSucceed, runOnce } from '../run-script.ts';

export const provision: Check = async (trial) => {
  await provisionOnce(trial, 'shop');
  return undefined;
};

/** Characters that services like to refuse, and names that are the same once cut, or once only letters are left. */
const APP_NAMES = [
  'a',
  '0',
  '9lives',
  'blog.example.org',
  'my-shop',
  'my.shop',
  'my_shop',
  'select',
  'x--y__z..',
].concat(['1', '2'].map((end) => `${'long-name-'.repeat(6)}xx${end}`));

export const appNames: Check = async (trial) => {
  for (const name of APP_NAMES) await provisionOnce(trial, name);
  return undefined;
};

export const ids: Check = async (trial) => {
  // As ids are the keys of what is remembered, one that was given out twice is missing there.
  const apps = new Set([...trial.made.values()].map(({ app }) => app));
  const lost = APP_NAMES.filter((name) => !apps.has(name));
  if (lost.length === 0) return undefined;
  throw broken(
    `The app ${lost[0]} was given an id that another app had got before.`,
    "Build the id from the app's name and ADDONS_OP_ID; shorten the name where it must be short, not the operation's id.",
  );
};

export const list: Check = async (trial) => {
  const found = await listedNow(trial);
  const missing = [...trial.made.keys()].find((id) => !found.includes(id));
  if (missing !== undefined)
    throw broken(`list does not name ${shown(missing)}, which exists.`, 'Print the ids as provision printed them.');
  const excess = found.find((id) => !trial.made.has(id));
  if (excess !== undefined)
    throw broken(
      `list names ${shown(excess)}, which no provision gave out.`,
      'Leave out what is no resource, half-done work included.',
    );
  if (new Set(found).size < found.length) throw broken('list names an id twice.', 'Print each id once.');
  return undefined;
};

export const unprovision: Check = async (trial) => {
  const made = await provisionOnce(trial, 'short-lived');
  await destroy(trial, made.id);
  if (!(await listed(trial))?.includes(made.id)) return undefined;
  throw broken(
    `After unprovision, list still names ${shown(made.id)}.`,
    'Exit with 0 only when the resource is gone: the tool forgets the id then.',
  );
};

export const unprovisionAgain: Check = async (trial) => {
  const made = await provisionOnce(trial, 'gone-twice');
  await destroy(trial, made.id);
  mustSucceed(trial, await runOnce(trial, 'unprovision', [made.id]), 'of a resource that is gone already');
  return undefined;
};

export const unprovisionUnknown: Check = async (trial) => {
  const operation = newOperationId();
  const made = await provisionOnce(trial, 'unknown', { operation });
  await destroy(trial, made.id);
  if (!made.id.includes(operation)) return { skipped: 'its ids do not hold ADDONS_OP_ID, so none can be made up' };
  const unknown = made.id.replaceAll(operation, newOperationId());
  mustSucceed(trial, await runOnce(trial, 'unprovision', [unknown]), `of ${shown(unknown)}, which never existed,`);
  return undefined;
};

export const newId: Check = async (trial) => {
  for (let round = 0; round < 2; round++) {
    const before = new Set(trial.ids);
    const made = await provisionOnce(trial, 'comes-again');
    if (before.has(made.id)) {
      throw broken(
        `An app that was made again was given ${shown(made.id)} again.`,
        'Build the id from ADDONS_OP_ID, which is unique for ever: a late unprovision of the old id would destroy new data.',
      );
    }
    await destroy(trial, made.id);
  }
  return undefined;
};
