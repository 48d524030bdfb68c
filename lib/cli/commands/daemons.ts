import { AddonsError } from '../../errors.ts';
import type { ControlResult, DaemonControl, DaemonState } from '../../operations/results.ts';
import type { Answer, Call, Command } from '../call.ts';
import { planText } from '../plan-text.ts';
import { table } from '../table.ts';

/** `addons daemons [addon] [--start | --stop | --restart]` */
export const daemons: Command = async (call) => {
  const { start, stop, restart } = call.flags;
  const wishes = Object.entries({ start, stop, restart }).filter(([, given]) => given);
  const [wish, second] = wishes.map(([word]) => word as DaemonControl); // the keys above
  if (wish === undefined) return show(call);
  const addon = call.one('addon');
  if (addon === undefined || second !== undefined) {
    throw new AddonsError(
      'usage',
      second ? `--${wish} and --${second} cannot both be.` : `--${wish} needs an <addon>.`,
      {
        hint: `Say: addons daemons ${addon ?? '<addon>'} --${wish}`,
      },
    );
  }
  const result = await (await call.addons()).controlDaemons(addon, wish, call.options);
  await call.say(controlText(result, wish));
  return { result };
};

async function show(call: Call): Promise<Answer> {
  const addon = call.one('addon');
  const found = await (await call.addons()).daemons(addon, call.options);
  if (found.length === 0) call.report.note(addon === undefined ? 'No daemons.' : `${addon} has no daemons.`);
  else await call.print(table(['ADD-ON', 'DAEMON', 'INSTANCE', 'STATE', 'PID', 'SINCE'], found.map(cells)));
  return { result: { daemons: found } };
}

const cells = ({ addon, daemon, instance, state, pid, since }: DaemonState): string[] => [
  addon,
  daemon,
  String(instance),
  state,
  pid === undefined ? '' : String(pid),
  since?.slice(0, 19).replace('T', ' ') ?? '',
];

function controlText({ addon, outcome, daemons: found, steps }: ControlResult, wish: DaemonControl): string {
  if (outcome === 'planned') return planText(`Would ${wish} the daemons of ${addon}`, steps);
  if (outcome === 'unchanged') return `${addon} has no daemons.\n`;
  if (wish === 'stop') return `Stopped the daemons of ${addon}.\n`;
  const running = found.filter(({ state }) => state === 'running').length;
  return `${wish === 'start' ? 'Started' : 'Restarted'} the daemons of ${addon}: ${running} of ${found.length} run.\n`;
}
