import type { CheckResult, Finding } from '../../operations/results.ts';
import type { Command } from '../call.ts';
import { type Paint, paint, visible } from '../visible-text.ts';
import { plural } from '../wording.ts';

/** `addons check [--fix]`; exit 1 where an error is among the findings, or left. */
export const check: Command = async (call) => {
  const { fix = false, dryRun = false } = call.flags;
  const result = await (await call.addons()).check({ ...call.options, fix });
  const headings = fix ? { fixed: dryRun ? 'Would be fixed' : 'Fixed' } : undefined;
  const text = checkText(result, headings, paint(call.io.terminal.stdout, call.io.env));
  // With --quiet, as cron runs it, no news is good news.
  await (result.findings.length > 0 ? call.print(text) : call.say(text));
  return { result, status: result.findings.some(({ severity }) => severity === 'error') ? 1 : 0 };
};

/** @param headings where repairs were asked for */
function checkText(result: CheckResult, headings: { fixed: string } | undefined, color: Paint): string {
  const { findings, fixed, apps, addons, operations } = result;
  const errors = findings.filter(({ severity }) => severity === 'error');
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  const looked = [plural(apps, 'app'), plural(addons, 'add-on'), `${plural(operations, 'operation')} under way`].join(
    ', ',
  );
  const found = `${plural(errors.length, 'error')}, ${plural(warnings.length, 'warning')}`;
  const ended = headings
    ? `${fixed.length} ${headings.fixed.toLowerCase()}, ${findings.length} left${findings.length > 0 ? ` (${found})` : ''}`
    : found;
  const isWell = findings.length + fixed.length === 0;
  return [
    ...section(color.bold(headings?.fixed ?? ''), fixed.map(withoutHint)),
    ...section(color.red('Errors'), errors),
    ...section(color.yellow('Warnings'), warnings),
    `Looked at ${looked}: ${isWell ? 'all is well' : ended}.`,
    '',
  ].join('\n');
}

const section = (heading: string, findings: readonly Finding[]): string[] =>
  findings.length === 0 ? [] : [heading, ...findings.flatMap(findingLines), ''];

/** What it says to do is done. */
const withoutHint = ({ kind, severity, message }: Finding): Finding => ({ kind, severity, message });

const findingLines = ({ kind, message, hint }: Finding): string[] => [
  `  ${kind}: ${visible(message)}`,
  ...(hint ? [`    ${visible(hint)}`] : []),
];
