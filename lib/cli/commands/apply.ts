import type { Addons, Change, ChangeEnd, ManifestPlan } from '../../operations/results.ts';
import type { Answer, Call, Command } from '../call.ts';
import { confirm, isConfirmed } from '../confirm.ts';
import { durationOf } from '../duration.ts';
import { type ManifestFile, readManifestFile } from '../manifest-file.ts';
import { changeDone, changeName, manifestPlanText } from '../manifest-text.ts';
import { startTally } from '../tally.ts';
import { paint } from '../visible-text.ts';

/** `addons apply [file]`: shows the plan, asks where something is removed, does it. */
export const apply: Command = async (call) => {
  const keepFor = call.flags.keepFor === undefined ? undefined : durationOf('--keep-for', call.flags.keepFor);
  const file = await readManifestFile(call);
  const addons = await call.addons();
  const plan = await addons.plan(file.manifest, call.options);
  const color = paint(call.io.terminal.stdout, call.io.env);
  const loss = keepFor === undefined ? 'data is destroyed' : `data is kept for ${call.flags.keepFor}`;
  await call.say(manifestPlanText(plan, { color, configVar: addons.platform.configVar, loss }));
  if (call.flags.dryRun || plan.changes.length === 0) return { result: { ...plan, ends: [] } };
  await ask(call, file, plan);
  return carryOut(call, addons, plan, keepFor);
};

async function ask(call: Call, { name, stdin }: ManifestFile, { changes }: ManifestPlan): Promise<void> {
  const losses = changes.flatMap((change) =>
    change.action === 'remove'
      ? [`${change.addon} ${change.id} of ${change.app}${change.kept ? ' (marked as kept: it lives on)' : ''}`]
      : [],
  );
  if (losses.length === 0 || isConfirmed(call, name, 'manifest')) return;
  const { keepFor } = call.flags;
  const action = `Applying ${name} ${keepFor === undefined ? 'destroys, with all data' : `puts into the trash for ${keepFor}`}`;
  await confirm(call, { name, noun: 'manifest', action, losses, stdinTaken: stdin });
}

async function carryOut(call: Call, addons: Addons, plan: ManifestPlan, keepFor: number | undefined): Promise<Answer> {
  const tally = startTally(call, 'change');
  const ended = new Set<Change>();
  for await (const end of addons.apply(plan.changes, { ...call.options, keepFor })) {
    ended.add(end.change);
    if ('error' in end) tally.failed(changeName(end.change), subjectOf(end), end.error);
    else
      await tally.done(
        end,
        `${end.outcome === 'unchanged' ? `It was so already: ${changeName(end.change)}.` : changeDone(end.change)}\n`,
      );
  }
  const answer = await tally.answer();
  const left = plan.changes.filter((change) => !ended.has(change));
  if (left.length > 0 && !call.json) {
    call.report.warn(`Left out after a failure: ${left.map(changeName).join(', ')}.`);
  }
  return { ...answer, result: { ...plan, ends: answer.result } };
}

function subjectOf({ change }: ChangeEnd) {
  const { addon } = { addon: undefined, ...change };
  const app = 'app' in change ? change.app : undefined;
  return { change, ...(app !== undefined && { app }), ...(addon !== undefined && { addon }) };
}
