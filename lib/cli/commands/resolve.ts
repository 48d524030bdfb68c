import { AddonsError } from '../../errors.ts';
import type { OperationReport, Resolution, RunReport } from '../../operations/results.ts';
import type { Answer, Call, Command } from '../call.ts';
import { confirm, isConfirmed } from '../confirm.ts';
import { planText } from '../plan-text.ts';
import { askSecret } from '../secret.ts';
import { visible } from '../visible-text.ts';

/** `addons resolve <operation> [--adopt ID | --retry | --discard]` */
export const resolve: Command = async (call) => {
  const addons = await call.addons();
  const report = await addons.inspect(call.given('operation'));
  const chosen = choiceOf(call);
  if (chosen === undefined) return show(call, report);
  if (!call.json) await call.say(reportText(report));
  const how = chosen === 'adopt' ? await adoption(call, report) : chosen;
  if (how === 'discard' && !call.flags.dryRun && !isConfirmed(call, report.operation, 'operation')) {
    const action = 'Discarding runs nothing and deletes the only record of';
    const losses = [
      report.id === undefined ? `what is shown above, in ${report.path}` : `${report.addon} ${report.id}`,
    ];
    await confirm(call, { name: report.operation, noun: 'operation', action, losses });
  }
  const result = await addons.resolve(report.operation, how, call.options);
  await call.say(
    result.outcome === 'planned' ? planText(result.message.replace(/\.$/, ''), result.steps) : `${result.message}\n`,
  );
  return { result };
};

function choiceOf({ flags }: Call): 'adopt' | 'retry' | 'discard' | undefined {
  const chosen = (['adopt', 'retry', 'discard'] as const).filter((one) => flags[one] !== undefined);
  if (chosen.length <= 1) return chosen[0];
  throw new AddonsError('usage', `${chosen.map((one) => `--${one}`).join(' and ')} exclude each other.`, {
    hint: 'Choose one.',
  });
}

async function adoption(call: Call, report: OperationReport): Promise<Resolution> {
  const id = call.flags.adopt ?? '';
  // Where the script printed the id, it printed the private, too.
  if (report.id === id || call.flags.dryRun || report.kind !== 'add') return { adopt: id };
  return { adopt: id, private: await askSecret(call, `Private of ${id}, empty for none`) };
}

async function show(call: Call, report: OperationReport): Promise<Answer> {
  await call.print(reportText(report));
  if (report.state === 'quarantined' || report.state === 'damaged') await call.print(choices(report));
  if (report.state === 'interrupted') {
    const way = `If it cannot: addons resolve ${report.operation} --discard`;
    await call.print(`The next command settles it, or: addons check --fix\n${way}\n`);
  }
  return { result: report };
}

function reportText({ operation, kind, app, addon, id, started, state, reason, path, runs }: OperationReport): string {
  const fields = [
    ['Operation', operation],
    ['What', addon === undefined ? kind : `${kind} ${addon}${app ? ` for ${app}` : ''}`],
    ['Resource', id],
    ['Started', started],
    ['State', reason === undefined ? state : `${state}: ${reason}`],
    ['Files', path],
  ];
  return [
    ...fields.flatMap(([name, value]) => (value === undefined ? [] : [`${`${name}:`.padEnd(11)}${visible(value)}`])),
    ...runs.flatMap(runLines),
    '',
  ].join('\n');
}

const runLines = ({ script, end, stdout, stderr }: RunReport): string[] => [
  `${visible(script)} ${end}`,
  ...quoted('stdout', stdout),
  ...quoted('stderr', stderr),
];

const quoted = (name: string, text: string): string[] =>
  text.trim() === ''
    ? [`  ${name}: nothing`]
    : [
        `  ${name}:`,
        ...text
          .trimEnd()
          .split('\n')
          .map((line) => `  | ${visible(line)}`),
      ];

function choices({ operation, kind, state }: OperationReport): string {
  const discard = `  addons resolve ${operation} --discard      forget it; nothing is run`;
  if (state === 'damaged') return `Settle it:\n${discard}\n`;
  return [
    'Look in the service whether the resource exists, then settle it:',
    ...(kind === 'add' ? [`  addons resolve ${operation} --adopt <id>   it exists: the app keeps it`] : []),
    `  addons resolve ${operation} --retry        run the script again`,
    discard,
    '',
  ].join('\n');
}
