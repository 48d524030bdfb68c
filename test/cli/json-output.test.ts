import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../lib/cli/commands.ts';
import { EXIT_STATUS } from '../../lib/cli/exit-status.ts';
import { expectValid, schema, validate } from './fixtures/output-schema.ts';
import { type } from './fixtures/type.ts';

const SUCCESSES = [
  ['list'],
  ['list', 'shop'],
  ['-a'],
  ['info', 'db'],
  ['install', 'db', '--as', 'queue'],
  ['install', './vault', '--dry-run'],
  ['uninstall', 'vault', 'redis'],
  ['enable', 'db', 'redis'],
  ['disable', 'db', '--force'],
  ['add', 'shop', 'db', 'redis'],
  ['add', 'shop', 'db', '--dry-run'],
  ['remove', 'shop', 'db', '--confirm', 'shop'],
  ['remove', 'shop', 'db', '--keep-for', '7d'],
  ['remove', 'shop', 'db', '--forget', '--force'],
  ['remove', 'shop', 'db', '--env', 'DATABASE_URL'],
  ['add', 'shop', 'db', '--env', 'DATABASE_URL'],
  ['rotate', 'shop', 'db'],
  ['rotate', 'shop', 'db', '--dry-run'],
  ['adopt', 'blog', 'db', 'blog-1', '--keep'],
  ['rename', 'shop', 'store'],
  ['clone', 'shop', 'staging', '--with-data'],
  ['clone', 'shop', 'staging', '--dry-run'],
  ['undo', 'shop', 'db'],
  ['trash'],
  ['trash', '--empty', '--expired'],
  ['trash', '--empty', '--force'],
  ['resolve', 'mwpjbfg26e1d'],
  ['resolve', 'damaged'],
  ['resolve', 'mwpjbfg26e1d', '--retry'],
  ['resolve', 'mwpjbfg26e1d', '--adopt', 'shop-9'],
  ['resolve', 'mwpjbfg26e1d', '--discard', '--dry-run'],
  ['delete', 'shop', '--force'],
  ['pre-release', 'shop', 'blog'],
  ['url', 'shop', 'db'],
  ['env', 'shop'],
  ['dump', 'shop', 'db', '-o', 'a.dump'],
  ['restore', 'shop', 'db', 'a.dump', '--force'],
  ['executions', '--failed', '--last', '0'],
  ['executions', 'mwpjbfg26e1d-1'],
  ['processors'],
  ['daemons'],
  ['daemons', 'cache', '--restart'],
  ['logs', 'cache'],
  ['swap', './cache'],
  ['swap', './cache', '--dry-run'],
  ['unlock'],
  ['unlock', '01HZX3', '--force'],
  ['link', new URL('../..', import.meta.url).pathname, '--dry-run'],
  ['help'],
  ['help', 'add'],
  ['add', '--help'],
  ['--version'],
];

const FAILURES: [string[], string, number][] = [
  [['uninstall', 'vault', 'db'], 'in-use', 4],
  [['add', 'nosuch', 'db'], 'app-not-found', 3],
  [['add', 'shop', 'off', 'db'], 'not-enabled', 4],
  [['add', 'shop'], 'usage', 2],
  [['add', 'shop', 'db', '--nope'], 'usage', 2],
  [['remove', 'shop', 'db'], 'confirmation-needed', 4],
  [['remove', 'shop', 'db', '--forget'], 'confirmation-needed', 4],
  [['remove', 'shop', 'db', '--keep-for', 'long'], 'usage', 2],
  [['rotate', 'nosuch', 'db'], 'app-not-found', 3],
  [['adopt', 'shop', 'db', 'nosuch'], 'resource-not-found', 3],
  [['trash', '--empty'], 'confirmation-needed', 4],
  [['resolve', 'nosuch'], 'resource-not-found', 3],
  [['resolve', 'mwpjbfg26e1d', '--discard'], 'confirmation-needed', 4],
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
      return { app, addon, outcome: 'done' as const, configVar: 'X_DB_URL', env: [], steps: [] };
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

function findingKinds(): string[] {
  const source = readFileSync(new URL('../../lib/operations/results/findings.ts', import.meta.url), 'utf8');
  const union = /export type FindingKind =([^;]+);/.exec(source)?.[1] ?? '';
  return [...union.matchAll(/'([\w-]+)'/g)].map(([, kind]) => kind ?? '');
}
