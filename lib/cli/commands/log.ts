import type { LogEntry } from '../../operations/results.ts';
import type { Command } from '../call.ts';
import { write } from '../io.ts';
import { lastOf } from '../last.ts';
import { localTime } from '../local-time.ts';
import { visible } from '../visible-text.ts';

/** `addons log [name] [--follow] [--last N]`; following ends at a signal, and that is no failure. */
export const log: Command = async (call) => {
  const { follow = false } = call.flags;
  // A reader that went away would never hear of what comes next.
  const gone = new AbortController();
  call.io.stdout.once('error', () => gone.abort());
  const signal = AbortSignal.any([call.io.signal, gone.signal]);
  const options = { ...call.options, signal, follow, last: lastOf(call.flags, 'operations') };
  const streamed = call.json && follow;
  const entries: LogEntry[] = [];
  const addons = await call.addons();
  let any = false;
  for await (const entry of addons.log({ name: call.one('name') }, options)) {
    any = true;
    if (streamed) await write(call.io.stdout, `${JSON.stringify(entry)}\n`);
    else if (call.json) entries.push(entry);
    else await call.print(`${logText(entry)}\n`);
  }
  if (!any && !follow) call.report.note('Nothing was logged.');
  return { result: { entries }, status: 0, streamed };
};

/** `2026-11-21 10:02:11  root (sudo: ann)  add shop db  done  0.3 s  mwpj…` */
function logText(entry: LogEntry): string {
  const { time, user, sudo, what, app, addon, outcome, resource, error, duration, operation } = entry;
  const parts = [
    localTime(new Date(time)),
    sudo === undefined ? user : `${user} (sudo: ${sudo})`,
    [what, app, addon].filter((word) => word !== undefined).join(' '),
    resource === undefined ? outcome : `${outcome} (${resource})`,
    `${(duration / 1000).toFixed(1)} s`,
    operation,
    error?.message,
  ];
  return visible(parts.filter((part) => part !== undefined).join('  '));
}
