import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../lib/cli/commands.ts';
import { EXIT_STATUS } from '../../lib/cli/exit-status.ts';
import { type } from './fixtures/type.ts';

const schema = JSON.parse(readFileSync(new URL('../../docs/output.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv2020({ strict: false }).compile(closed(schema));

const SUCCESSES = [
  ['list'],
  ['list', 'shop'],
  ['-a'],
  ['info', 'db'],
  ['enable', 'db', 'redis'],
  ['disable', 'db', '--force'],
  ['add', 'shop', 'db', 'redis'],
  ['add', 'shop', 'db', '--dry-run'],
  ['remove', 'shop', 'db', '--confirm', 'shop'],
  ['delete', 'shop', '--force'],
  ['pre-release', 'shop', 'blog'],
  ['url', 'shop', 'db'],
  ['env', 'shop'],
  ['dump', 'shop', 'db', '-o', 'a.dump'],
  ['restore', 'shop', 'db', 'a.dump', '--force'],
  ['unlock'],
  ['unlock', '01HZX3', '--force'],
  ['link', new URL('../..', import.meta.url).pathname, '--dry-run'],
  ['help'],
  ['help', 'add'],
  ['add', '--help'],
  ['--version'],
];

const FAILURES: [string[], string, number][] = [
  [['add', 'nosuch', 'db'], 'app-not-found', 3],
  [['add', 'shop', 'off', 'db'], 'not-enabled', 4],
  [['add', 'shop'], 'usage', 2],
  [['add', 'shop', 'db', '--nope'], 'usage', 2],
  [['remove', 'shop', 'db'], 'confirmation-needed', 4],
  [['release', '--all'], 'script-failed', 1],
  [['lst'], 'usage', 127],
  [['list', '--wait', 'long'], 'usage', 2],
];

describe('with --json, stdout carries one document of the documented shape and stderr nothing', () => {
  test.each(SUCCESSES.map((words) => [words.join(' '), words] as const))('addons %s', async (_, words) => {
    const seen = await type([...words, '--json']);
    expect(seen).toMatchObject({ status: 0, stderr: '' });
    expectValid(seen.json());
    expect(seen.json()).toHaveProperty('result');
    expect(seen.json()).not.toHaveProperty('error');
  });

  test('addons check, with an error found', async () => {
    const seen = await type(['check', '--json']);
    expect(seen).toMatchObject({ status: 1, stderr: '' });
    expectValid(seen.json());
  });

  test.each(FAILURES)('%j fails with %s, exit %i', async (words, code, status) => {
    const seen = await type([...words, '--json']);
    expect(seen).toMatchObject({ status, stderr: '' });
    expectValid(seen.json());
    expect(seen.json().error).toMatchObject({ code });
  });

  test('what worked stands beside what failed', async () => {
    const { result } = (await type(['add', 'shop', 'off', 'redis', '--json'])).json();
    expect(result).toMatchObject([
      { app: 'shop', addon: 'off', error: { code: 'not-enabled' } },
      { addon: 'redis', outcome: 'done' },
    ]);
  });

  test('progress still goes to stderr', async () => {
    const add = async (
      ...[app, addon, options]: Parameters<import('../../lib/operations/results.ts').Addons['add']>
    ) => {
      options?.onProgress?.({ type: 'step', message: 'Provisioning db' });
      return { app, addon, outcome: 'done' as const, configVar: 'X_DB_URL', steps: [] };
    };
    const seen = await type(['add', 'shop', 'db', '--json'], { addons: { add } });
    expect(seen.stderr).toBe('-----> Provisioning db\n');
    expectValid(seen.json());
  });
});

test('the schema knows every command, every code and every kind of finding', () => {
  const commands = schema.allOf.map(
    (rule: { if: { properties: { command: { const: string } } } }) => rule.if.properties.command.const,
  );
  expect(commands.sort()).toEqual(COMMANDS.map(({ name }) => name).sort());
  expect([...schema.$defs.error.properties.code.enum].sort()).toEqual(Object.keys(EXIT_STATUS).sort());
  expect(schema.$defs.finding.properties.kind.enum).toEqual(findingKinds());
});

test('a field that is not documented is noticed', () => {
  expect(validate({ version: 1, command: 'url', result: { app: 'a', addon: 'b', url: 'c', private: 'd' } })).toBe(
    false,
  );
});

function expectValid(document: unknown): void {
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
}

function findingKinds(): string[] {
  const source = readFileSync(new URL('../../lib/operations/results.ts', import.meta.url), 'utf8');
  const union = /export type FindingKind =([^;]+);/.exec(source)?.[1] ?? '';
  return [...union.matchAll(/'([\w-]+)'/g)].map(([, kind]) => kind ?? '');
}

/** Readers must bear new fields; here, one that is missing in the schema is a mistake. */
function closed(node: unknown): object {
  return JSON.parse(
    JSON.stringify(node, (_, value) =>
      value?.type === 'object' && value.properties && !('version' in value.properties && 'command' in value.properties)
        ? { additionalProperties: false, ...value }
        : value,
    ),
  );
}
