import type { ProcessorState } from '../../operations/results.ts';
import type { Command } from '../call.ts';
import { table } from '../table.ts';

/** `addons processors`; exit 1 where one that is named cannot be used. */
export const processors: Command = async (call) => {
  const result = await (await call.addons()).processors();
  const isWrong = result.problems.length > 0 || result.processors.some(isMissed);
  await call.print(table(['PROCESSOR', 'WHERE', 'ADD-ONS'], result.processors.map(cells)));
  if (!call.json) {
    for (const { name, path, problem } of result.processors) {
      if (problem !== undefined) call.report.warn(`${path ?? `The processor ${name}`} ${problem}`);
    }
    for (const problem of result.problems) call.report.warn(problem);
  }
  return { result, status: isWrong ? 1 : 0 };
};

const isMissed = ({ problem, addons }: ProcessorState): boolean => problem !== undefined && addons.length > 0;

const cells = ({ name, builtIn, path, addons }: ProcessorState): string[] => [
  name,
  builtIn ? 'built in' : (path ?? '-'),
  addons.join(', ') || '-',
];
