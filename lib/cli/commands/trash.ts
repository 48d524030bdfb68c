import { AddonsError } from '../../errors.ts';
import type { Addons, EmptyEnd, TrashItem } from '../../operations/results.ts';
import type { Answer, Call, Command } from '../call.ts';
import { confirm, isConfirmed } from '../confirm.ts';
import { table } from '../table.ts';
import { startTally } from '../tally.ts';

/** `addons trash [--empty [--expired]]` */
export const trash: Command = async (call) => {
  const { empty, expired, forget, force } = call.flags;
  const lonely = [expired && '--expired', forget && '--forget', force && '--force'].find(Boolean);
  if (!empty && lonely) {
    throw new AddonsError('usage', `${lonely} goes with --empty.`, {
      hint: 'See what is in the trash with: addons trash',
    });
  }
  const addons = await call.addons();
  return empty ? emptyTrash(call, addons) : show(call, addons);
};

async function show(call: Call, addons: Addons): Promise<Answer> {
  const items = await addons.trash(call.options);
  if (items.length === 0) call.report.note('The trash is empty.');
  else await call.print(table(['APP', 'ADD-ON', 'ID', 'SINCE', 'UNTIL', ''], items.map(cells)));
  return { result: { items } };
}

/** What is due was agreed to when it was put there: only the rest is asked about, and nothing that comes up meanwhile is taken. */
async function emptyTrash(call: Call, addons: Addons): Promise<Answer> {
  const { expired = false, forget } = call.flags;
  const items = await addons.trash(call.options);
  const losses = items.filter((item) => !item.expired);
  if (!expired && losses.length > 0 && !call.flags.dryRun && !isConfirmed(call, 'trash', 'word')) {
    const action = 'Emptying the trash destroys, with all data, what is not due yet';
    await confirm(call, { name: 'trash', noun: 'word', action, losses: losses.map(itemText) });
  }
  const only = items.map(({ operation }) => operation);
  const tally = startTally(call, 'resource');
  for await (const end of addons.emptyTrash({ ...call.options, expired, forget, only })) {
    if ('error' in end) tally.failed(end.item.id, { app: end.item.app, addon: end.item.addon }, end.error);
    else await tally.done(end, emptyText(end));
  }
  const answer = await tally.answer();
  if (Array.isArray(answer.result) && answer.result.length === 0) {
    call.report.note(expired ? 'Nothing in the trash is due.' : 'The trash is empty.');
  }
  return answer;
}

const cells = ({ app, addon, id, since, until, expired, kept }: TrashItem): string[] => [
  app,
  addon,
  id,
  minute(since),
  minute(until),
  [expired && 'due', kept && 'kept'].filter(Boolean).join(', '),
];

const minute = (time: string) => time.slice(0, 16).replace('T', ' ');

const itemText = ({ app, addon, id, kept }: TrashItem) =>
  `${addon} ${id} of ${app}${kept ? ' (only forgotten: it is marked as kept)' : ''}`;

function emptyText({ app, addon, id, outcome, resource }: Exclude<EmptyEnd, { error: Error }>): string {
  const what = `${addon} ${id} of ${app}`;
  if (outcome === 'unchanged') return `${what} is not in the trash any more.\n`;
  if (resource === 'destroyed') return `${outcome === 'planned' ? 'Would destroy' : 'Destroyed'} ${what}.\n`;
  const why = resource === 'kept' ? 'it is marked as kept' : `${addon} is not installed`;
  return `${outcome === 'planned' ? 'Would forget' : 'Forgot'} ${what}; ${why}, so it is not unprovisioned.\n`;
}
