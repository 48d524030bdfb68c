import { addonsIfReadable } from '../state/app-files.ts';
import { followApp } from '../state/apps.ts';
import type { Entry, Operation } from '../state/journal.ts';
import type { Run } from '../state/runs.ts';
import type { Store } from '../state/store.ts';
import { trashRecords } from '../state/trash.ts';
import type { Context } from './context.ts';
import { allocated } from './recovery/judge.ts';

/** What the scripts of an operation told, were given, or may know. */
export const secretsOfRuns = ({ store }: Context, { operation, runs }: Entry): string[] => [
  ...toldBy(runs),
  ...privatesOf(store, operation),
];

/** The private stands in a line, or in the trash. */
function privatesOf(store: Store, { app, addon, trashed, copyOf }: Operation): string[] {
  const apps = [app, copyOf].flatMap((one) => (one && followApp(store.platform, one)) ?? []);
  const lines = apps.flatMap((one) => addonsIfReadable(one)?.resources ?? []);
  const record = trashed === undefined ? undefined : trashRecords(store).find(({ operation }) => operation === trashed);
  return [...lines.filter((line) => line.addon === addon), ...(record ? [record] : [])].map((one) => one.private);
}

const toldBy = (runs: Run[]) => runs.flatMap((run) => [allocated(run)?.private ?? '', ...privatesIn(run)]);

/** Whatever a script that breaks the contract may have meant as its private; rotate prints nothing else. */
const privatesIn = ({ script, out }: Run): string[] => {
  const lines = out.toString().split('\n');
  const fields = lines.flatMap((line) => line.split(';').slice(1));
  if (script === 'provision' && !out.includes(';'))
    return lines.flatMap((line) => [line, ...line.split(/[\s:,|=]+/).slice(1)]);
  return script === 'rotate' ? lines : fields;
};
