import { parseIds } from '../../addon/contract.ts';
import { AddonsError } from '../../errors.ts';
import { hasScript } from '../../scripts/locate.ts';
import { readAddons } from '../../state/app-files.ts';
import { allApps } from '../../state/apps.ts';
import { readJournal } from '../../state/journal.ts';
import { keptIds } from '../../state/kept.ts';
import { isEnabled } from '../../state/markers.ts';
import { trashRecords } from '../../state/trash.ts';
import { enabledAddon, installedNames } from '../addons.ts';
import type { Context } from '../context.ts';
import { capture } from '../plain-script.ts';
import { allocated } from '../recovery/judge.ts';
import type { Finding } from '../results.ts';

/** What exists by the add-ons' own `list`, against what ADDONS and journal know. */
export async function checkResources(context: Context): Promise<Finding[]> {
  const { store } = context;
  const findings: Finding[] = [];
  for (const name of installedNames(store.platform)) {
    if (!isEnabled(store, name) || !hasScript(store.platform.addonRoot(name), 'list')) continue;
    try {
      findings.push(...(await compare(context, name)));
    } catch (error) {
      if (!(error instanceof AddonsError) || error.code === 'aborted') throw error;
      if (error.code === 'malformed') continue; // an ADDONS or the journal, reported with the apps or the journal
      const message = error.code === 'script-output' ? `list of ${name} ${error.message}.` : error.message;
      findings.push({ kind: 'script-failed', severity: 'error', message, addon: name });
    }
  }
  return findings;
}

async function compare(context: Context, name: string): Promise<Finding[]> {
  const exist = await existing(context, name);
  const known = knownIds(context, name);
  if (known === undefined) return []; // an add is under way: its resource may exist before anyone knows its id
  let orphans = [...exist].filter((id) => !known.elsewhere.has(id) && !known.lines.has(id));
  // One that was removed since `list` ran is none.
  if (orphans.length > 0) {
    const still = await existing(context, name);
    orphans = orphans.filter((id) => still.has(id));
  }
  return [
    ...orphans.map(
      (id): Finding => ({
        kind: 'orphan',
        severity: 'error',
        message: `${name} has a resource ${id} that no app's line holds.`,
        hint: `Give it to an app: addons adopt <app> ${name} ${id}. To destroy it, remove it from that app.`,
        addon: name,
        id,
      }),
    ),
    ...[...known.lines]
      .filter(([id]) => !exist.has(id))
      .map(
        ([id, app]): Finding => ({
          kind: 'missing-resource',
          severity: 'error',
          message: `The ${name} of ${app} (${id}) does not exist any more.`,
          hint: `Drop its line: addons remove ${app} ${name} --forget. Then add it again and restore a dump.`,
          app,
          addon: name,
          id,
        }),
      ),
  ];
}

async function existing(context: Context, name: string): Promise<Set<string>> {
  const addon = enabledAddon(context, name);
  return new Set(parseIds(await capture(context, addon, 'list', privatesOf(context, name))));
}

/** list is given no private, but may know them all. */
const privatesOf = ({ store }: Context, name: string): string[] =>
  allApps(store.platform).flatMap((app) =>
    readAddons(app)
      .parsed.resources.filter(({ addon }) => addon === name)
      .map((line) => line.private),
  );

/** By line, with its app, and elsewhere: in an operation under way, in the trash, marked as kept. */
interface KnownIds {
  elsewhere: Set<string>;
  lines: Map<string, string>;
}

function knownIds({ store }: Context, name: string): KnownIds | undefined {
  const entries = readJournal(store).filter(({ operation }) => operation.addon === name);
  const adding = entries.some(
    ({ operation, runs, quarantine }) =>
      operation.kind === 'add' && quarantine === undefined && !runs.some((run) => allocated(run)),
  );
  if (adding) return undefined;
  // Before the lines and after them: a remove takes a resource to the trash, an undo back.
  const trashed = () => trashRecords(store).flatMap(({ addon, id }) => (addon === name ? [id] : []));
  const before = trashed();
  const lines = new Map<string, string>();
  for (const app of allApps(store.platform)) {
    for (const line of readAddons(app).parsed.resources) if (line.addon === name) lines.set(line.id, app.name);
  }
  const journaled = entries.flatMap(({ operation, runs }) => [
    operation.resource,
    ...runs.map((run) => allocated(run)?.id),
  ]);
  const elsewhere = [...journaled, ...before, ...trashed(), ...keptIds(store, name)];
  return { elsewhere: new Set(elsewhere.filter((id) => id !== undefined)), lines };
}
