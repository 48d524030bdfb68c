import type { CheckResult, Finding } from '../../operations/results.ts';
import type { Command } from '../call.ts';
import { plural } from '../table.ts';
import { type Paint, paint, visible } from '../visible-text.ts';

/** `addons check`; exit 1 where an error is among the findings. */
export const check: Command = async (call) => {
  const result = await (await call.addons()).check(call.options);
  await call.print(checkText(result, paint(call.io.terminal.stdout, call.io.env)));
  return { result, status: result.findings.some(({ severity }) => severity === 'error') ? 1 : 0 };
};

function checkText({ findings, apps, addons, operations }: CheckResult, color: Paint): string {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  const looked = [plural(apps, 'app'), plural(addons, 'add-on'), `${plural(operations, 'operation')} under way`].join(
    ', ',
  );
  const found = `${plural(errors.length, 'error')}, ${plural(warnings.length, 'warning')}`;
  return [
    ...section(color.red('Errors'), errors),
    ...section(color.yellow('Warnings'), warnings),
    `Looked at ${looked}: ${findings.length === 0 ? 'all is well' : found}.`,
    '',
  ].join('\n');
}

const section = (heading: string, findings: readonly Finding[]): string[] =>
  findings.length === 0 ? [] : [heading, ...findings.flatMap(findingLines), ''];

const findingLines = ({ kind, message, hint }: Finding): string[] => [
  `  ${kind}: ${visible(message)}`,
  ...(hint ? [`    ${visible(hint)}`] : []),
];
