import { expect, it } from 'vitest';
import { expectValid } from '../fixtures/output-schema.ts';
import { type } from '../fixtures/type.ts';

it('shows each instance', async () => {
  const { stdout, status } = await type(['daemons', 'cache']);
  expect(status).toBe(0);
  expect(stdout).toBe(
    [
      'ADD-ON  DAEMON  INSTANCE  STATE    PID   SINCE',
      'cache   server  1         running  4711  2026-11-28 02:00:00',
      'cache   server  2         down',
      '',
    ].join('\n'),
  );
  expectValid((await type(['daemons', '--json'])).json());
});

it.each(['start', 'stop', 'restart'])('has --%s for one add-on', async (verb) => {
  const { calls, stdout, status } = await type(['daemons', 'cache', `--${verb}`]);
  expect({ calls, status }).toEqual({ calls: [`${verb} daemons of cache`], status: 0 });
  expect(stdout).toMatch(/^(Started|Stopped|Restarted) the daemons of cache/);
  const planned = await type(['daemons', 'cache', `--${verb}`, '--dry-run', '--json']);
  expectValid(planned.json());
  expect(planned.json()).toMatchObject({ result: { outcome: 'planned' } });
  expect(await type(['daemons', `--${verb}`])).toMatchObject({ status: 2, calls: [] });
});

it('takes one verb at a time', async () => {
  const { stderr, status } = await type(['daemons', 'cache', '--stop', '--start']);
  expect(status).toBe(2);
  expect(stderr).toContain('cannot both be');
});

it('shows what daemons wrote, without what would move the cursor', async () => {
  const { calls, stdout } = await type(['logs', 'cache', 'server', '--lines', '7']);
  expect(calls).toEqual(['logs of cache server 7']);
  expect(stdout.split('\n')).toEqual([
    expect.stringMatching(/^2026-11-28 02:00:00 {2}server 1 {2}ready(?!\x1b)/),
    'server 2  odd',
    '',
  ]);
  expect(stdout).not.toContain('\x1b');
  expectValid((await type(['logs', 'cache', '--json'])).json());
  const following = await type(['logs', 'cache', '--json', '--follow']);
  expect(
    following.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).instance),
  ).toEqual([1, 2]);
});

it('refuses what is no number of lines', async () => {
  expect(await type(['logs', 'cache', '--lines', 'x'])).toMatchObject({ status: 2, calls: [] });
});
