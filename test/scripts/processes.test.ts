import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { groupRuns, runningProcesses, send, variableOf } from '../../lib/scripts/processes.ts';
import { until } from './fixtures/place.ts';

let child: ChildProcess | undefined;
afterEach(() => {
  if (child?.pid !== undefined) send('SIGKILL', -child.pid);
});

function start(command: string): number {
  child = spawn('/bin/sh', ['-c', command], {
    detached: true,
    stdio: 'ignore',
    env: { PATH: '/bin', TEST_VAR: 'a=b' },
  });
  if (child.pid === undefined) throw new Error('not started');
  return child.pid;
}

const running = (pid: number) => runningProcesses()?.find((one) => one.pid === pid);

test('a running process is told with its group, its session and its age', async () => {
  const before = running(process.pid);
  const pid = start('exec sleep 60');
  await until(() => variableOf(pid, 'TEST_VAR') === 'a=b');
  expect(running(pid)).toMatchObject({ group: pid, session: pid });
  expect(running(pid)?.started).toBeGreaterThan(before?.started ?? Number.NaN);
  expect(variableOf(pid, 'TEST')).toBeUndefined();
  expect(variableOf(2 ** 30, 'TEST_VAR')).toBeUndefined();
});

test('a group runs while any member does', async () => {
  const pid = start('sleep 60 & exit 0');
  await until(() => child?.exitCode === 0);
  expect(running(pid)).toBeUndefined();
  expect(groupRuns(pid)).toBe(true);
  send('SIGKILL', -pid);
  await until(() => !groupRuns(pid));
});

test('a zombie does not run', async () => {
  const pid = start('sleep 60 & exec sleep 60'); // which never waits for its child
  const members = () => runningProcesses()?.filter(({ group }) => group === pid) ?? [];
  await until(() => members().length === 2);
  for (const one of members()) if (one.pid !== pid) send('SIGKILL', one.pid);
  await until(() => members().length === 1);
  expect(groupRuns(pid)).toBe(true);
});

test('a signal for a process that is gone is no error', () => {
  expect(() => send('SIGTERM', 2 ** 30)).not.toThrow();
});
