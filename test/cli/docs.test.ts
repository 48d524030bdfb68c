import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commandHelp } from '../../lib/cli/command-help.ts';
import { overview } from '../../lib/cli/commands/help.ts';
import { COMMANDS, VERBS } from '../../lib/cli/commands.ts';
import { EXIT_STATUS } from '../../lib/cli/exit-status.ts';
import { GLOBAL_OPTIONS, namesOf } from '../../lib/cli/options.ts';
import { type } from './fixtures/type.ts';

const docs = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
const schema = JSON.parse(readFileSync(new URL('../../docs/output.schema.json', import.meta.url), 'utf8'));

/** The part below a heading, up to the next one of its rank or above. */
function section(heading: string): string {
  const after = docs.split(`\n${heading}\n`)[1] ?? '';
  return after.split(heading.startsWith('### ') ? /\n##/ : /\n## /)[0] ?? '';
}

test.each(COMMANDS.map((entry) => [entry.name, entry] as const))(
  '%s is documented with every option',
  (name, entry) => {
    const text = section(`### ${name}`);
    for (const verb of [name, ...(entry.aliases ?? [])]) expect(text).toContain(`addons ${verb}`);
    for (const option of entry.options.flatMap(namesOf)) expect(text).toContain(option);
    expect(section('## JSON')).toMatch(new RegExp(`\\| \`${name}\` *\\|`));
  },
);

test('so is every option of every command', () => {
  for (const option of GLOBAL_OPTIONS.flatMap(namesOf))
    expect(section('## Options of every command')).toContain(option);
});

test('each error code stands in the row of its exit status', () => {
  const rows = section('## Exit statuses').split('\n');
  for (const [code, status] of Object.entries(EXIT_STATUS)) {
    expect(
      rows.find((row) => row.startsWith(`| ${status} `)),
      code,
    ).toContain(`\`${code}\``);
  }
});

test('each kind of finding has its advice', () => {
  for (const kind of schema.$defs.finding.properties.kind.enum) {
    expect(section('## Findings of check')).toMatch(new RegExp(`\\| \`${kind}\` +\\| .+ \\| .+ \\|`));
  }
});

test('the JSON examples are JSON', () => {
  const examples = [...docs.matchAll(/```json\n(.*?)```/gs)].map(([, text]) => JSON.parse(text ?? ''));
  expect(examples.map(({ command }) => command)).toEqual(['list', 'add']);
});

test('the overview names every command and option within 80 columns', async () => {
  const text = overview();
  for (const { name } of COMMANDS) expect(text).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  for (const option of GLOBAL_OPTIONS.flatMap(namesOf)) expect(text).toContain(option);
  for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  expect((await type(['help'])).stdout).toBe(text);
  expect((await type(['--help'])).stdout).toBe(text);
});

test.each(COMMANDS.map((entry) => [entry.name, entry] as const))(
  'help of %s fits and has examples',
  async (name, entry) => {
    const text = await commandHelp(entry, 80);
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    for (const example of entry.examples) expect(text).toContain(example);
    for (const option of entry.options.flatMap(namesOf)) expect(text).toContain(option);
    expect(await type([name, '--help'])).toMatchObject({ status: 0, stdout: text, stderr: '', calls: [] });
    expect((await type(['help', name])).stdout).toBe(text);
  },
);

test('no two commands answer to one name', () => {
  expect(new Set(VERBS).size).toBe(VERBS.length);
});
