import { AddonsError } from '../../errors.ts';
import type { DaemonLogLine } from '../../operations/results.ts';
import type { Call, Command } from '../call.ts';
import { write } from '../io.ts';
import { visible } from '../visible-text.ts';

/** `addons logs <addon> [daemon] [--follow] [--lines N]`; following ends at a signal, and that is no failure. */
export const logs: Command = async (call) => {
  const { follow = false } = call.flags;
  // A reader that went away would never hear of what comes next.
  const gone = new AbortController();
  call.io.stdout.once('error', () => gone.abort());
  const signal = AbortSignal.any([call.io.signal, gone.signal]);
  const options = { ...call.options, signal, follow, lines: linesOf(call), daemon: call.one('daemon') };
  const streamed = call.json && follow;
  const lines: DaemonLogLine[] = [];
  for await (const line of (await call.addons()).logs(call.given('addon'), options)) {
    if (streamed) await write(call.io.stdout, `${JSON.stringify(line)}\n`);
    else if (call.json) lines.push(line);
    else await call.print(`${lineText(line)}\n`);
  }
  return { result: { lines }, status: 0, streamed };
};

function linesOf({ flags }: Call): number {
  const { lines = '50' } = flags;
  if (/^\d{1,9}$/.test(lines)) return Number(lines);
  throw new AddonsError('usage', `--lines ${JSON.stringify(lines.slice(0, 40))} is not a number of lines.`, {
    hint: 'Give a whole number, like --lines 200.',
  });
}

/** `2026-11-21 10:02:11  server 1  ready` */
const lineText = ({ daemon, instance, time, text }: DaemonLogLine): string =>
  [time?.slice(0, 19).replace('T', ' '), `${daemon} ${instance}`, visible(text)].filter(Boolean).join('  ');
