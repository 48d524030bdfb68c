import { AddonsError } from '../../errors.ts';
import type { Execution } from '../../operations/results.ts';
import type { Answer, Call, Command } from '../call.ts';
import { lastOf } from '../last.ts';
import { localTime } from '../local-time.ts';
import { table } from '../table.ts';
import { visible } from '../visible-text.ts';

/** `addons executions [id] [--add-on NAME] [--app NAME] [--failed] [--last N]` */
export const executions: Command = async (call) => {
  const { addOn: addon, app, failed } = call.flags;
  const id = call.one('id');
  const last = id === undefined ? lastOf(call.flags, 'executions') : 0;
  const found = await (await call.addons()).executions({ addon, app, failed, id, last });
  return id === undefined ? list(call, found) : show(call, found, id);
};

async function list(call: Call, executions: Execution[]): Promise<Answer> {
  if (executions.length === 0) call.report.note(call.flags.failed ? 'Nothing failed.' : 'No script was run.');
  else await call.print(table(['STARTED', 'ADD-ON', 'SCRIPT', 'APP', 'END', 'TIME', 'ID'], executions.map(cells)));
  return { result: { executions } };
}

async function show(call: Call, executions: Execution[], id: string): Promise<Answer> {
  if (executions.length === 0) {
    throw new AddonsError('resource-not-found', `The history holds no execution ${JSON.stringify(id.slice(0, 80))}.`, {
      hint: 'See those that it holds: addons executions --last 0',
    });
  }
  for (const execution of executions) await call.print(`${headOf(execution)}\n${linesOf(execution)}`);
  return { result: { executions } };
}

const cells = (execution: Execution): string[] => [
  localTime(new Date(execution.started)),
  execution.addon,
  execution.action,
  execution.app ?? '-',
  endOf(execution),
  timeOf(execution),
  execution.id,
];

function headOf(execution: Execution): string {
  const { addon, action, app, started } = execution;
  const what = [action, 'of', addon, ...(app === undefined ? [] : ['for', app])].join(' ');
  return visible(`${localTime(new Date(started))}  ${what}  ${endOf(execution)}  ${timeOf(execution)}`);
}

const linesOf = ({ output }: Execution): string =>
  output === '' ? '' : `${output.replace(/\n$/, '').split('\n').map(visible).join('\n')}\n`;

const endOf = ({ exit, signal, stopped }: Execution): string => {
  const end = signal ?? (exit === null ? 'unknown' : `exit ${exit}`);
  return stopped === undefined ? end : `${end}, ${STOPPED[stopped]}`;
};

const STOPPED: Record<NonNullable<Execution['stopped']>, string> = {
  timeout: 'too slow',
  aborted: 'interrupted',
  'too-much-output': 'too much output',
};

const timeOf = ({ started, finished }: Execution): string =>
  `${((Date.parse(finished) - Date.parse(started)) / 1000).toFixed(1)} s`;
