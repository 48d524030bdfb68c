import { spawn } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { currentProcess } from '../../../lib/state/process-identity.ts';
import { isRunning } from '../../scripts/fixtures/place.ts';
import { leave } from '../journal.ts';
import { failure, platform } from '../world.ts';

it('runs an interrupted provision again, with the same operation id, where that is safe', async () => {
  const { addons, app, enable, read, ledger, journal } = platform();
  await enable('vault');
  app('shop');
  const id = leave(addons, { kind: 'add', addon: 'vault', app: 'shop', runs: [{ script: 'provision' }] });
  expect(await addons.add('shop', 'vault')).toMatchObject({ outcome: 'unchanged', id: `shop-${id}` });
  expect([ledger('vault'), journal()]).toEqual([[`shop-${id}`], []]);
  expect(read('shop', 'ADDONS')).toBe(`vault;shop-${id};hunter2-shop\n`);
});

it('leaves it to a person where that is not safe', async () => {
  const { addons, app, enable, ran, journal } = platform();
  await enable('bare', {}, 'bare');
  app('shop');
  const id = leave(addons, { kind: 'add', addon: 'bare', app: 'shop', runs: [{ script: 'provision' }] });
  expect(await failure(addons.add('shop', 'bare'))).toMatchObject({
    code: 'quarantined',
    message: expect.stringContaining('it may have made a resource'),
    details: { operation: id, app: 'shop', addon: 'bare' },
  });
  expect([journal(), ran('bare')]).toEqual([[id], []]);
});

it('leaves it in the journal when the second attempt dies as well', async () => {
  const { addons, app, enable, journal } = platform();
  await enable('vault', { provision: 'kill -9 $$' });
  app('shop');
  const id = leave(addons, { kind: 'add', addon: 'vault', app: 'shop', runs: [{ script: 'provision' }] });
  expect(await failure(addons.add('shop', 'vault'))).toMatchObject({
    message: expect.stringContaining('was killed by signal 9; the next command runs it again'),
  });
  expect(journal()).toEqual([id]);
});

it('appends no second line where the line is there already', async () => {
  const { addons, app, enable, read, journal } = platform();
  await enable('vault');
  app('shop', 'vault;v1;x\n');
  const runs = [{ script: 'provision', out: 'v1;x\n', status: 0 }];
  leave(addons, { kind: 'add', addon: 'vault', app: 'shop', runs });
  await addons.release('shop');
  expect([read('shop', 'ADDONS'), journal()]).toEqual(['vault;v1;x\n', []]);
});

it('claims a run that was never started, so that it never starts', async () => {
  const { addons, app, enable, ran, journal } = platform();
  await enable('vault');
  app('shop');
  const runs = [{ script: 'provision', claim: null }];
  leave(addons, { kind: 'add', addon: 'vault', app: 'shop', runs });
  expect(await addons.add('shop', 'vault')).toMatchObject({ outcome: 'done' });
  expect([ran('vault'), journal()]).toEqual([['enable', 'provision shop'], []]);
});

it('claims an unprovision that was never started before it runs one itself', async () => {
  const { addons, app, enable } = platform();
  await enable('vault', { unprovision: 'exit 1' });
  app('shop');
  const runs = [
    { script: 'provision', out: 'v1;x\n', status: 1 },
    { script: 'unprovision', argument: 'v1', claim: null },
  ];
  const id = leave(addons, { kind: 'add', addon: 'vault', app: 'shop', runs });
  expect(await failure(addons.add('shop', 'vault'))).toMatchObject({ code: 'script-failed' });
  expect(readFileSync(join(addons.platform.journal, id, 'run.2/pid'), 'utf8')).toBe('void\n');
});

it('takes a claim that power failure left empty for one of a dead process', async () => {
  const { addons, app, enable } = platform();
  await enable('vault');
  app('shop');
  leave(addons, { kind: 'add', addon: 'vault', app: 'shop', runs: [{ script: 'provision', claim: '' }] });
  expect(await addons.add('shop', 'vault', { wait: 1 })).toMatchObject({ outcome: 'unchanged' });
});

it('waits for a script that still runs, and takes its result', async () => {
  const { addons, app, enable, journal } = platform();
  await enable('vault');
  app('shop');
  const script = spawn('sleep', ['30'], { detached: true });
  onTestFinished(() => void script.kill('SIGKILL'));
  const claim = { ...currentProcess(), pid: script.pid ?? 0, start: startOf(script.pid) };
  const deadline = Date.now() + 60_000;
  const id = leave(addons, {
    kind: 'add',
    addon: 'vault',
    app: 'shop',
    runs: [{ script: 'provision', claim, deadline }],
  });
  expect(await failure(addons.add('shop', 'vault', { wait: 0.1 }))).toMatchObject({
    code: 'busy',
    message: expect.stringContaining(`vault: its provision script still runs (process ${script.pid}`),
  });
  expect(await failure(addons.add('shop', 'vault', { signal: AbortSignal.timeout(100) }))).toMatchObject({
    code: 'aborted',
  });
  setTimeout(() => {
    const run = join(addons.platform.journal, id, 'run.1');
    writeFileSync(join(run, 'out'), 'v1;x\n');
    writeFileSync(join(run, 'exit'), '0 5\n');
  }, 100);
  expect(await addons.add('shop', 'vault')).toMatchObject({ outcome: 'unchanged', id: 'v1' });
  expect(journal()).toEqual([]);
});

it('kills a script whose deadline has passed', async () => {
  const { addons, app, enable } = platform();
  await enable('vault');
  app('shop');
  const script = spawn('sleep', ['300'], { detached: true });
  onTestFinished(() => void script.kill('SIGKILL'));
  const claim = { ...currentProcess(), pid: script.pid ?? 0, start: startOf(script.pid) };
  leave(addons, { kind: 'add', addon: 'vault', app: 'shop', runs: [{ script: 'provision', claim }] });
  expect(await addons.add('shop', 'vault', { wait: 5 })).toMatchObject({ outcome: 'unchanged' });
  expect(isRunning(script.pid ?? 0)).toBe(false);
});

it('follows an app that was renamed, and unprovisions for one that is gone', async () => {
  const { addons, app, enable, read, ran, journal } = platform();
  await enable('vault');
  for (const name of ['shop', 'gone']) {
    app(name);
    const runs = [{ script: 'provision', out: `${name}-1;x\n`, status: 0 }];
    leave(addons, { kind: 'add', addon: 'vault', app: name, runs });
  }
  renameSync(addons.platform.appDir('shop'), addons.platform.appDir('store'));
  rmSync(addons.platform.appDir('gone'), { recursive: true });
  await addons.release('store');
  expect(read('store', 'ADDONS')).toBe('vault;shop-1;x\n');
  await addons.remove('store', 'vault');
  await addons.disable('vault', { force: true });
  expect([ran('vault').includes('unprovision gone-1'), journal()]).toEqual([true, []]);
});

function startOf(pid: number | undefined): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
