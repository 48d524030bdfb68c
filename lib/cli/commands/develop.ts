import { resolve } from 'node:path';
import type { DevelopResult, WatchEnd } from '../../operations/results.ts';
import type { Answer, Call, Command } from '../call.ts';
import { errorDocument } from '../error-text.ts';
import { write } from '../io.ts';
import { planText } from '../plan-text.ts';
import { visible } from '../visible-text.ts';

/** `addons develop [dir] [--as <name>] [--watch]`; watching ends at a signal, and that is no failure. */
export const develop: Command = async (call) => {
  const directory = resolve(call.io.cwd, call.one('dir') ?? '.');
  const addons = await call.addons();
  const result = await addons.develop(directory, { ...call.options, as: call.flags.as });
  if (!call.flags.watch || call.flags.dryRun) {
    await call.say(developText(result));
    return { result };
  }
  if (call.json) await write(call.io.stdout, `${JSON.stringify(result)}\n`);
  else await call.say(developText(result));
  return watch(call, directory);
};

async function watch(call: Call, directory: string): Promise<Answer> {
  const addons = await call.addons();
  for await (const end of addons.watch(directory, call.options)) {
    if (call.json) await write(call.io.stdout, `${JSON.stringify(watchDocument(call, end))}\n`);
    else if ('error' in end) call.report.error(call.shown(end.error));
    else await call.say(watchText(directory, end.files));
  }
  return { result: {}, status: 0, streamed: true };
}

const watchDocument = (call: Call, end: WatchEnd): object =>
  'error' in end ? { files: end.files, error: errorDocument(call.shown(end.error)) } : end;

function watchText(directory: string, files: readonly string[]): string {
  if (files.length === 0) return `Watching ${visible(directory)}. Stop with Ctrl-C.\n`;
  const more = files.length > 3 ? ` and ${files.length - 3} more` : '';
  return `Changed: ${files.slice(0, 3).map(visible).join(', ')}${more}. It is sound.\n`;
}

function developText({ addon, outcome, directory, configVar, steps }: DevelopResult): string {
  if (outcome === 'planned') return planText(`Would use ${addon} from ${visible(directory)}`, steps);
  if (outcome === 'unchanged') return `${addon} is used from ${visible(directory)} already.\n`;
  return `Using ${addon} from ${visible(directory)}: apps get ${configVar}. Next: addons enable ${addon}\n`;
}
