import { AddonsError } from '../../errors.ts';
import type { HeldLock, UnlockResult } from '../../operations/results.ts';
import type { Answer, Call, Command } from '../call.ts';
import { confirm, isConfirmed } from '../confirm.ts';
import { table } from '../table.ts';
import { listed } from '../wording.ts';

/** `addons unlock [key]` */
export const unlock: Command = async (call) => {
  const key = call.one('key');
  return key === undefined ? showHeld(call) : free(call, key);
};

async function showHeld(call: Call): Promise<Answer> {
  const result = await (await call.addons()).unlock(undefined, call.options);
  if (result.held.length === 0) call.report.note('Nothing is held.');
  else await call.print(table(['KEY', 'WHAT', 'OWNER', 'PID', 'SINCE'], result.held.map(cells)));
  return { result };
}

async function free(call: Call, key: string): Promise<Answer> {
  const addons = await call.addons();
  if (!call.flags.dryRun && !isConfirmed(call, key, 'key')) {
    const { held } = await addons.unlock(key, { ...call.options, dryRun: true });
    const losses = held.filter((lock) => lock.key === key).map(lossText);
    const action = `Unlocking ${key} is safe only if its owner is gone; it takes away`;
    if (losses.length > 0) await confirm(call, { name: key, noun: 'key', action, losses });
  }
  const result = await addons.unlock(key, call.options);
  if (!call.flags.dryRun && !result.freed.includes(key)) throw notFreed(key, result);
  const verb = call.flags.dryRun ? 'Would free' : 'Freed';
  await call.say(`${verb} ${listed(call.flags.dryRun ? [key] : result.freed)}.\n`);
  return { result };
}

const cells = ({ key, name, owner, pid, since }: HeldLock): string[] => [key, name, owner, String(pid), since];

const lossText = ({ name, pid, owner, since }: HeldLock): string =>
  `${name}, held by process ${pid} (${owner}) since ${since}`;

function notFreed(key: string, { held }: UnlockResult): AddonsError {
  const lock = held.find((one) => one.key === key);
  return lock
    ? new AddonsError('busy', `${key} was not freed: ${lossText(lock)}.`, { hint: 'End that process first.' })
    : new AddonsError('resource-not-found', `Nothing named ${key} is held.`, { hint: 'See: addons unlock' });
}
