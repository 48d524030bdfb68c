import { setEnabled } from '../../state/markers.ts';
import { placeCanaries, UNSAFE_IDS } from '../canaries.ts';
import type { Check } from '../check.ts';
import { broken, listed, provision, unprovision, urlOf } from '../resources.ts';
import { runOnce } from '../run-script.ts';
import type { Trial } from '../trial.ts';

export const unsafeIds: Check = async (trial) => {
  const made = await provision(trial, 'bystander');
  const before = await urlOf(trial, made);
  const known = await listed(trial);
  const canaries = placeCanaries(trial);
  try {
    for (const id of UNSAFE_IDS) {
      await runOnce(trial, 'unprovision', [id]); // it may refuse or not
      const harm = canaries.harm() ?? (await harmDone());
      if (harm === undefined) continue;
      await mend(trial);
      throw harmful(id, harm);
    }
  } finally {
    canaries.remove();
  }
  await unprovision(trial, made.id);
  return undefined;

  async function harmDone(): Promise<string | undefined> {
    if (known === undefined) return urlProblem();
    const now = await listed(trial).catch(() => undefined);
    return known.every((id) => now?.includes(id)) ? undefined : 'destroyed a resource of another id';
  }

  async function urlProblem(): Promise<string | undefined> {
    const url = await urlOf(trial, made).catch(() => undefined);
    const isSame = url === before || (url !== undefined && !trial.passed.has('url-stable'));
    return isSame ? undefined : 'harmed the resource of an app';
  }
};

/** So that the checks after this one find what they need. */
async function mend(trial: Trial): Promise<void> {
  await runOnce(trial, 'enable', []);
  await setEnabled(trial.store, trial.addon.name);
}

const harmful = (id: string, harm: string) =>
  broken(
    `unprovision of ${JSON.stringify(id)} ${harm}.`,
    'Check the id first: refuse what is empty, begins with "." or "-", or holds anything that your ids do not.',
  );
