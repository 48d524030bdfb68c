import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CrontabProgram, crontabProgram } from '../operations/crontab-program.ts';
import type { Command } from './driver.ts';
import { FIXTURE, inParallel, openWorkshop, type Workshop, type World } from './world.ts';

// What changes the jobs of an add-on, killed at each step from its announcement on: the next command, whatever it is about, brings
// the crontab in line.

let workshop: Workshop;
let update: string;
beforeAll(async () => {
  workshop = await openWorkshop();
  update = addonWith('@hourly');
});
afterAll(() => workshop.remove());

const FOREIGN = '# mine\n5 4 * * * true\n';
const cron = (schedule: string) => `\n[[cron]]\nschedule = "${schedule}"\ncommand = ["true"]\n`;

function addonWith(schedule: string): string {
  const root = join(workshop.directory(), 'vault');
  cpSync(FIXTURE, root, { recursive: true });
  writeFileSync(join(root, 'addon.toml'), cron(schedule));
  return root;
}

const SCENARIOS: { name: string; before: () => Command[]; command: () => Command }[] = [
  { name: 'enable', before: () => [['install', addonWith('@daily')]], command: () => ['enable', 'vault'] },
  {
    name: 'disable',
    before: () => [
      ['install', addonWith('@daily')],
      ['enable', 'vault'],
    ],
    command: () => ['disable', 'vault'],
  },
  {
    name: 'install --force',
    before: () => [
      ['install', addonWith('@daily')],
      ['enable', 'vault'],
    ],
    command: () => ['install', update, { force: true }],
  },
];

async function prepared(before: () => Command[]): Promise<{ world: World; crontab: CrontabProgram }> {
  const crontab = crontabProgram();
  crontab.write(FOREIGN);
  const world = workshop.makeWorld({ scriptPath: crontab.scriptPath });
  await world.prepare([['enable', 'db'], ...before()]);
  return { world, crontab };
}

/** That the crontab holds what the state says: the jobs of the version in force, if it is enabled. */
async function expectInLine({ platform }: World, crontab: CrontabProgram, where: string): Promise<void> {
  const { enabled, jobs } = await platform.info('vault');
  const text = crontab.read() ?? '';
  const schedules = [...text.matchAll(/^(@\w+) .*cronwrap vault true$/gm)].map(([, schedule]) => schedule);
  expect(schedules, where).toEqual(enabled ? jobs?.map(({ schedule }) => schedule) : []);
  expect(text.startsWith(FOREIGN), where).toBe(true);
}

describe('killed at each step', () => {
  it.each(SCENARIOS)('$name', { timeout: 240_000 }, async ({ before, command }) => {
    const { world, crontab } = await prepared(before);
    const { steps, error } = await world.drive(command());
    expect(error).toBeUndefined();
    await expectInLine(world, crontab, 'not killed');
    const first = steps.findIndex(({ path }) => /\/cron(\/|$)/.test(path));
    // What is there before a sync is what is there after it, on a disk that lives.
    const points = steps.flatMap(({ what }, at) => (at < first || (what === 'sync' && at % 4 > 0) ? [] : [at + 1]));
    expect(points.length).toBeGreaterThan(4);
    await inParallel(
      points,
      async (step) => {
        const { world, crontab } = await prepared(before);
        const killed = await world.drive(command(), { kill: { step, when: 'before' } });
        const where = `killed before step ${step} (${steps[step - 1]?.what} ${steps[step - 1]?.path})`;
        expect(killed.signal, where).toBe('SIGKILL');
        expect((await world.run(['add', 'blog', 'db'])).error, where).toBeUndefined();
        await expectInLine(world, crontab, where);
        expect((await world.run(command())).error, where).toBeUndefined();
        await expectInLine(world, crontab, where);
        const { findings } = await world.platform.check();
        expect(
          findings.filter(({ kind }) => kind === 'crontab'),
          where,
        ).toEqual([]);
        world.remove();
      },
      2,
    );
  });

  it.each(['listed', 'writing', 'written'] as const)('of its crontab: %s', async (when) => {
    const { world, crontab } = await prepared(() => [['install', addonWith('@daily')]]);
    crontab.killCaller(when);
    expect((await world.drive(['enable', 'vault'])).signal).toBe('SIGKILL');
    // What it had started may still write, as it would have.
    await pause(100);
    expect(crontab.read()?.startsWith(FOREIGN)).toBe(true);
    expect((await world.run(['add', 'blog', 'db'])).error).toBeUndefined();
    await expectInLine(world, crontab, when);
  });
});
