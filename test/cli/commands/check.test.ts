import { describe, expect, test } from 'vitest';
import type { CheckResult, Finding } from '../../../lib/operations/results.ts';
import { type } from '../fixtures/type.ts';

const MODE: Finding = { kind: 'mode', severity: 'warning', message: 'ADDONS of shop is 0644.', hint: 'chmod 600' };
const ORPHAN: Finding = {
  kind: 'orphan',
  severity: 'error',
  message: 'db knows shop-9, no app has it.',
  hint: 'Look.',
};

/** Types `check` and more, and gets this answer. */
async function typed(words: string[], { findings = [], fixed = [] }: Partial<CheckResult>) {
  const asked: unknown[] = [];
  const check = async (options?: { fix?: boolean | undefined; dryRun?: boolean | undefined }): Promise<CheckResult> => {
    asked.push([options?.fix, options?.dryRun]);
    return { findings, fixed, apps: 2, addons: 1, operations: 0 };
  };
  return { ...(await type(['check', ...words], { addons: { check } })), asked };
}

describe('check', () => {
  test('groups by severity, hint beneath, exit 1 for an error', async () => {
    expect(await typed([], { findings: [MODE, ORPHAN] })).toMatchObject({
      status: 1,
      asked: [[false, false]],
      stdout: `Errors
  orphan: db knows shop-9, no app has it.
    Look.

Warnings
  mode: ADDONS of shop is 0644.
    chmod 600

Looked at 2 apps, 1 add-on, 0 operations under way: 1 error, 1 warning.
`,
    });
  });

  test('warnings alone do not fail', async () => {
    expect((await typed([], { findings: [MODE] })).status).toBe(0);
  });

  test('nothing found', async () => {
    expect(await typed([], {})).toMatchObject({
      status: 0,
      stdout: 'Looked at 2 apps, 1 add-on, 0 operations under way: all is well.\n',
    });
  });
});

describe('check --fix', () => {
  test('what was repaired, then what is left; exit 1 where that is an error', async () => {
    expect(await typed(['--fix'], { fixed: [MODE], findings: [ORPHAN] })).toMatchObject({
      status: 1,
      asked: [[true, false]],
      stdout: `Fixed
  mode: ADDONS of shop is 0644.

Errors
  orphan: db knows shop-9, no app has it.
    Look.

Looked at 2 apps, 1 add-on, 0 operations under way: 1 fixed, 1 left (1 error, 0 warnings).
`,
    });
  });

  test('all repaired', async () => {
    const seen = await typed(['--fix'], { fixed: [ORPHAN] });
    expect(seen.status).toBe(0);
    expect(seen.stdout).toContain('under way: 1 fixed, 0 left.\n');
  });

  test('nothing found', async () => {
    expect((await typed(['--fix'], {})).stdout).toContain('under way: all is well.\n');
  });

  test('a dry run', async () => {
    const seen = await typed(['--fix', '--dry-run'], { fixed: [MODE] });
    expect(seen.asked).toEqual([[true, true]]);
    expect(seen.stdout).toContain('Would be fixed\n  mode: ADDONS of shop is 0644.\n\n');
    expect(seen.stdout).toContain('under way: 1 would be fixed, 0 left.\n');
  });

  test('json', async () => {
    const seen = await typed(['--fix', '--json'], { fixed: [MODE], findings: [ORPHAN] });
    expect(seen.status).toBe(1);
    expect(seen.json()).toMatchObject({ command: 'check', result: { fixed: [MODE], findings: [ORPHAN] } });
  });
});
