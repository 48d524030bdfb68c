import { resolve } from 'node:path';
import { AddonsError } from '../../errors.ts';
import type { Call, Command } from '../call.ts';

/** `addons dump <app> <addon> [-o FILE]` */
export const dump: Command = async (call) => {
  const [app, addon] = [call.given('app'), call.given('addon')];
  const file = outputFile(call);
  const addons = await call.addons();
  const result = await addons.dump(app, addon, file === undefined ? { fd: 1 } : { file }, call.options);
  const where = file ?? 'stdout';
  if (result.outcome === 'planned') call.report.note(`Would dump ${addon} of ${app} to ${where}.`);
  // Stdout may carry the data: nothing is said on it.
  else if (file !== undefined) await call.say(`Dumped ${addon} of ${app} to ${file}${size(result.bytes)}.\n`);
  return { result };
};

function outputFile({ flags, io, json }: Call): string | undefined {
  if (flags.output !== undefined && flags.output !== '-') return resolve(io.cwd, flags.output);
  if (json) {
    throw new AddonsError('usage', 'With --json, stdout carries the JSON and not the dump.', { hint: 'Say -o FILE.' });
  }
  if (io.terminal.stdout && !flags.dryRun) {
    throw new AddonsError('usage', 'A dump is not written to a terminal.', { hint: 'Say -o FILE, or pipe it.' });
  }
  return undefined;
}

const size = (bytes: number | undefined): string => (bytes === undefined ? '' : ` (${bytes} bytes)`);
