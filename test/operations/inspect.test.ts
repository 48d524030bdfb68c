import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type LeftRun, leave } from './journal.ts';
import { platform } from './world.ts';

/** What an operation's report says of runs that left this. */
async function reported(runs: LeftRun[], err = '', rest: Partial<Parameters<typeof leave>[1]> = {}) {
  const { addons, app, enable, tree } = platform();
  await enable('vault');
  app('shop', rest.kind === undefined ? undefined : 'vault;v1;line-secret\n');
  const operation = leave(addons, { kind: 'add', addon: 'vault', app: 'shop', quarantine: 'why', runs, ...rest });
  for (const index of runs.keys()) {
    appendFileSync(join(addons.platform.journal, operation, `run.${index + 1}`, 'err'), err);
  }
  const before = tree();
  const report = await addons.inspect(operation);
  expect(tree()).toEqual(before);
  return { operation, report, path: join(addons.platform.journal, operation) };
}

it('tells all that is known', async () => {
  const { operation, report, path } = await reported([{ script: 'provision', out: 'v1;x\n', status: 3 }], 'no room\n');
  expect(report).toEqual({
    operation,
    kind: 'add',
    app: 'shop',
    addon: 'vault',
    id: 'v1',
    started: '2026-01-02T03:04:05.678Z',
    state: 'quarantined',
    reason: 'why',
    path,
    runs: [{ script: 'provision', end: 'failed with exit status 3', stdout: 'v1;[redacted]\n', stderr: 'no room\n' }],
  });
});

it.each([
  [{ script: 'provision', status: 0 }, 'succeeded'],
  [{ script: 'provision', status: 137 }, 'was killed by signal 9'],
  [{ script: 'provision' }, 'died without a result'],
  [{ script: 'provision', claim: 'void' }, 'never started'],
  [{ script: 'provision', claim: null }, 'never started'],
] as const)('says how %j ended', async (run, end) => {
  expect((await reported([run])).report.runs).toMatchObject([{ end }]);
});

it.each([
  ['a private', 'v1;s3cret\n', 'v1;[redacted]\n'],
  ['no private', 'v1;\n', 'v1;\n'],
  ['two semicolons', 'v1;s3cret;s3cret\n', 'v1; [17 bytes, not "id;private"]'],
  ['two lines', 'with s3cret\nv1;s3cret\n', 'v1; [22 bytes, not "id;private"]'],
  ['no semicolon', 'v1:s3cret\n', '[10 bytes, not "id;private"]'],
  ['nothing', '', ''],
])('shows stdout with %s without it', async (_, out, shown) => {
  const { report } = await reported([{ script: 'provision', out, status: 0 }], 'trying s3cret\n');
  expect(report.runs[0]?.stdout).toBe(shown);
  if (out.includes('s3cret')) expect(JSON.stringify(report)).not.toContain('s3cret');
});

it('shows no secret of the configuration, of a URL, or of the line', async () => {
  const err = 'open-sesame vault://me:pa55@host/x line-secret\n';
  const runs = [{ script: 'unprovision', status: 1 }];
  const { report } = await reported(runs, err, { kind: 'remove', resource: 'v1' });
  expect(report).toMatchObject({ id: 'v1', kind: 'remove' });
  expect(report.runs[0]?.stderr).toContain('host/x');
  for (const secret of ['open-sesame', 'pa55', 'line-secret']) expect(JSON.stringify(report)).not.toContain(secret);
});

it.each([
  ['provision', 'v1;s3cret\n'],
  ['rotate', 's3cret\n'],
])('shows no secret of a damaged entry either: %s', async (script, out) => {
  const { addons, app } = platform();
  app('shop');
  const operation = leave(addons, { kind: 'add', addon: 'vault', app: 'shop', runs: [{ script, out, status: 1 }] });
  const path = join(addons.platform.journal, operation);
  writeFileSync(join(path, 'run.1/err'), 'with s3cret open-sesame\n');
  writeFileSync(join(path, 'op'), '');
  const report = await addons.inspect(operation);
  const end = 'failed with exit status 1';
  const runs = [{ script, end, stdout: `[${out.length} bytes]`, stderr: '[24 bytes]' }];
  expect(report).toMatchObject({ state: 'damaged', runs });
  for (const secret of ['s3cret', 'open-sesame']) expect(JSON.stringify(report)).not.toContain(secret);
});

it('shows nothing of what a rotate printed', async () => {
  const runs = [{ script: 'rotate', out: 'new-secret\n', status: 0 }];
  const { report } = await reported(runs, 'set new-secret\n', { kind: 'rotate', resource: 'v1' });
  expect(JSON.stringify(report)).not.toContain('new-secret');
});
