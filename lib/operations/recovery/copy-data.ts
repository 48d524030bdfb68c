import { closeSync, fstatSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AddonsError, fromSystem } from '../../errors.ts';
import type { Addon } from '../../scripts/addon.ts';
import { lineWithId } from '../../state/app-files.ts';
import { followApp } from '../../state/apps.ts';
import type { Entry } from '../../state/journal.ts';
import { nonce } from '../../state/nonce.ts';
import type { Context } from '../context.ts';
import { runPlain } from '../plain-script.ts';
import { runFailure } from '../script-failure.ts';
import { runFor } from './script-run.ts';

/**
 * Gives a new resource, which nobody has a line for yet, the data of the one it is a copy of. Once is enough; a restore of unknown
 * result is done again, as it replaces everything.
 *
 * @returns why it could not be done; undefined: the data is in
 */
export async function copyData(
  context: Context,
  entry: Entry,
  addon: Addon,
  { id, private: secret }: { id: string; private: string },
): Promise<AddonsError | undefined> {
  const isIn = entry.runs.some(
    ({ script, argument, exit }) => script === 'restore' && argument === id && exit?.status === 0,
  );
  if (isIn) return undefined;
  const { app, copyOf } = entry.operation;
  try {
    const file = await dumpSource(context, entry, addon);
    context.tell({ type: 'step', message: `Restoring ${addon.name} for ${app?.name}` });
    const run = await runFor(context, entry, addon, 'restore', [id, secret], id, file);
    if (run.exit?.status === 0) return undefined;
    const outcome = `; ${app?.name} has no ${addon.name} yet, and that of ${copyOf?.name} is as it was`;
    const why = runFailure(
      entry,
      run,
      [...addon.secrets, secret],
      outcome,
      'Mend the reason and run the command again.',
    );
    // Nothing failed: the next command copies again.
    if (why.code === 'aborted') throw why;
    return why;
  } catch (error) {
    if (error instanceof AddonsError && error.code !== 'aborted') return error;
    throw error;
  }
}

/** To a file of a new name: a dump that outlived its dead caller may still write to the old one. */
async function dumpSource(context: Context, entry: Entry, addon: Addon): Promise<string> {
  const { copyOf } = entry.operation;
  const source = copyOf && followApp(context.store.platform, copyOf);
  const line = source && lineWithId(source, addon.name, copyOf.resource);
  if (!copyOf || !source || !line) {
    throw new AddonsError('resource-not-found', `The ${addon.name} of ${copyOf?.name} that was to be copied is gone.`, {
      hint: 'Run the command again for what is there now.',
      details: { addon: addon.name },
    });
  }
  context.tell({ type: 'step', message: `Dumping ${addon.name} of ${source.name}` });
  await dropOlder(context, entry);
  const file = join(entry.path, `data.${nonce()}`);
  const fd = create(file);
  try {
    const args = [line.id, line.private];
    await runPlain(context, { addon, script: 'dump', args, app: source.name, stdout: fd, secrets: [line.private] });
    if (fstatSync(fd).size > 0) return file;
  } finally {
    closeSync(fd);
  }
  throw new AddonsError('script-output', `The dump of ${addon.name} of ${source.name} is empty.`, {
    hint: "Look at the add-on's dump script.",
    details: { addon: addon.name, script: 'dump' },
  });
}

/** Each may be as large as the data. */
async function dropOlder({ store }: Context, { path }: Entry): Promise<void> {
  for (const name of readdirSync(path)) if (name.startsWith('data.')) await store.disk.unlink(join(path, name));
}

function create(file: string): number {
  try {
    return openSync(file, 'wx', 0o600);
  } catch (error) {
    throw fromSystem(error, file);
  }
}
