import { resolve } from 'node:path';
import { AddonsError } from '../../errors.ts';
import { findSource } from '../../kit/find-source.ts';
import type { CheckEnd, TestOptions } from '../../kit/results.ts';
import { selectChecks } from '../../kit/selection.ts';
import { testAddon } from '../../kit/test-addon.ts';
import type { Call, Command } from '../call.ts';
import { planText } from '../plan-text.ts';
import { type Paint, paint, visible } from '../visible-text.ts';
import { plural } from '../wording.ts';

/** `addons test <dir>`; exit 1 where a check failed. */
export const test: Command = async (call) => {
  const { platform } = await call.addons();
  const word = call.given('dir');
  const source = findSource(word, resolve(call.io.cwd, word), platform);
  const color = paint(call.io.terminal.stdout, call.io.env);
  if (call.options.dryRun) return planned(call, source);
  const ends: CheckEnd[] = [];
  call.report.progress({ type: 'step', message: `Testing ${source}` });
  for await (const end of testAddon(source, testOptions(call))) {
    ends.push(end);
    if (end.needs === undefined)
      await (end.outcome === 'failed' ? call.print(lines(end, color)) : call.say(lines(end, color)));
  }
  // Told last and together: after one failure they may be most of the report.
  await call.say(leftOut(ends.filter(({ needs }) => needs !== undefined)));
  const counts = { passed: count(ends, 'passed'), failed: count(ends, 'failed'), skipped: count(ends, 'skipped') };
  await call.say(
    `${plural(ends.length, 'check')}: ${Object.entries(counts)
      .map(([what, many]) => `${many} ${what}`)
      .join(', ')}.\n`,
  );
  return { result: { source, ...counts, checks: ends }, status: counts.failed > 0 ? 1 : 0 };
};

async function planned(call: Call, source: string) {
  const checks = selectChecks(call.flags.only).map(({ name, contract }) => {
    return { check: name, outcome: 'skipped', contract, reason: 'a dry run', duration: 0 };
  });
  await call.print(
    planText(
      `Would test ${source}`,
      checks.map(({ check, contract }) => `${check}: a good add-on ${contract}`),
    ),
  );
  return { result: { source, passed: 0, failed: 0, skipped: checks.length, checks } };
}

function testOptions({ flags, io, options }: Call): TestOptions {
  return {
    connect: flags.connect,
    config: readConfig(flags.config ?? []),
    only: flags.only,
    environment: io.env,
    temporary: io.env.TMPDIR || undefined,
    timeout: options.timeout,
    signal: options.signal,
    onProgress: options.onProgress,
  };
}

/** `key=value` each; the value may hold more of `=`. */
function readConfig(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((one) => {
      const at = one.indexOf('=');
      if (at > 0) return [one.slice(0, at), one.slice(at + 1)];
      throw new AddonsError('usage', '--config takes a key and a value.', { hint: 'Say it as --config key=value.' });
    }),
  );
}

function lines({ check, outcome, contract, seen, stderr, hint, reason, duration }: CheckEnd, color: Paint): string {
  const name = check.padEnd(WIDTH);
  if (outcome === 'passed') return `  ${color.green('ok')}       ${name}  ${seconds(duration)}\n`;
  if (outcome === 'skipped') return `  skipped  ${name}  ${visible(reason ?? '')}\n`;
  return [
    `  ${color.red('FAILED')}   ${name}  ${seconds(duration)}`,
    `           The contract: a good add-on ${contract}.`,
    `           Seen: ${visible(seen ?? '')}`,
    ...(stderr ? stderr.split('\n').map((line) => `           | ${visible(line)}`) : []),
    ...(hint ? [`           ${visible(hint)}`] : []),
    '',
  ].join('\n');
}

function leftOut(ends: readonly CheckEnd[]): string {
  if (ends.length === 0) return '';
  const names = ends.map(({ check }) => check).join(', ');
  const wrapped = names.replace(/(.{1,66})(?: |$)/g, (_, line: string) => `           ${line}\n`);
  return `  skipped  ${plural(ends.length, 'check')} that need one which did not pass:\n${wrapped}`;
}

const WIDTH = 'unprovision-unknown'.length;

const seconds = (duration: number): string => `${(duration / 1000).toFixed(1).padStart(5)} s`;

const count = (ends: readonly CheckEnd[], outcome: CheckEnd['outcome']): number =>
  ends.filter((end) => end.outcome === outcome).length;
