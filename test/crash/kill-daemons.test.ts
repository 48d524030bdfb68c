import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { processesOf } from '../operations/daemons-world.ts';
import type { Command } from './driver.ts';
import { FIXTURE, inParallel, killIfThere, namesIn, openWorkshop, type Workshop, type World } from './world.ts';

// A swap and an enable, killed at their steps: of a swap the old version is whole and runs, or the new one; the next command
// finishes it.

let workshop: Workshop;
let sources: { one: string; two: string };

beforeAll(async () => {
  workshop = await openWorkshop();
  sources = { one: source('1'), two: source('2') };
});
afterAll(() => {
  for (const home of homes) for (const pid of processesOf(join(home, 'lib/services'))) killIfThere(pid);
  workshop.remove();
});

/** Of worlds that a failure left. */
const homes = new Set<string>();

/** The ledger with a daemon that can be told by its arguments. */
function source(version: string): string {
  const root = join(workshop.directory(), 'vault');
  cpSync(FIXTURE, root, { recursive: true });
  const daemon = `[daemons.server]\ncommand = ["sleep", "100${version}"]\nstop_timeout = 5\n`;
  writeFileSync(
    join(root, 'addon.toml'),
    `[addon]\nversion = "${version}"\nidempotent = true\n[config]\nrepeatable = true\n${daemon}`,
  );
  return root;
}

/** Versions whose daemon runs. */
const running = ({ home }: World): string[] =>
  processesOf(home).flatMap((pid) => {
    const [program, seconds = ''] = read(`/proc/${pid}/cmdline`).split('\0');
    return program === 'sleep' && seconds.startsWith('100') ? [seconds.slice(3)] : [];
  });

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

async function prepared(): Promise<World> {
  const world = workshop.makeWorld();
  homes.add(world.home);
  return world.prepare([
    ['install', sources.one],
    ['enable', 'vault'],
    ['add', 'shop', 'vault'],
  ]);
}

async function remove(world: World): Promise<void> {
  await world.run(['disable', 'vault', 'force']);
  for (const pid of processesOf(join(world.home, 'lib/services'))) killIfThere(pid);
  world.remove();
  homes.delete(world.home);
}

it('leaves the old version or the new one, running, at each step', { timeout: 300_000 }, async () => {
  const command = (): Command => ['swap', sources.two];
  const first = await prepared();
  const { steps, error } = await first.drive(command());
  expect(error).toBeUndefined();
  expect(running(first)).toEqual(['2']);
  await remove(first);
  // Of the many steps of laying out a version and of writing a unit, some; those that change what is in force, all.
  const points = steps.flatMap(({ what, path }, at) => {
    const isDecisive = /add-ons\/vault$|sockets|\.before|journal/.test(path) && what !== 'sync';
    return isDecisive || at % 16 === 0 ? [at + 1] : [];
  });
  const sampled = process.env.CRASH_ALL ? steps.map((_, at) => at + 1) : points.filter((_, at) => at % 3 === 0);
  expect(sampled.length).toBeGreaterThan(3);
  const finishing: Command[] = [['check --fix'], ['enable', 'vault'], command(), ['add', 'blog', 'vault']];
  await inParallel(
    sampled.map((step, turn) => ({ step, next: finishing[turn % finishing.length] ?? ['check --fix'] })),
    async ({ step, next }) => {
      const world = await prepared();
      const killed = await world.drive(command(), { kill: { step, when: 'before' } });
      const { what, path } = steps[step - 1] ?? {};
      const where = `killed before step ${step} (${what} ${path}), then ${next[0]}`;
      expect(killed.signal, where).toBe('SIGKILL');
      const inForce = (await world.platform.info('vault')).version ?? '';
      expect(running(world), where).toContain(inForce);
      expect(await world.platform.url('shop', 'vault'), where).toMatch(/./);
      expect((await world.run(next)).error, where).toBeUndefined();
      const after = (await world.platform.info('vault')).version ?? '';
      expect(after, where).toBe(next[0] === 'swap' ? '2' : inForce);
      expect(running(world), where).toEqual([after]);
      expect(
        namesIn(world.platform.platform.journal).filter((name) => !name.startsWith('tmp.')),
        where,
      ).toEqual([]);
      const { findings } = await world.platform.check({ fix: true });
      expect(
        findings.filter(({ addon }) => addon === 'vault'),
        where,
      ).toEqual([]);
      await remove(world);
    },
    2,
  );
});

it('has the daemons of an add-on running after the next command, wherever enable is killed', {
  timeout: 120_000,
}, async () => {
  const installed = () => workshop.makeWorld().prepare([['install', sources.one]]);
  const first = await installed();
  homes.add(first.home);
  const { steps } = await first.drive(['enable', 'vault']);
  await remove(first);
  const marked = steps.findIndex(({ path }) => path.endsWith('/enabled'));
  const points = [marked + 2, Math.floor((marked + steps.length) / 2), steps.length];
  await inParallel(
    points,
    async (step) => {
      const world = await installed();
      homes.add(world.home);
      const killed = await world.drive(['enable', 'vault'], { kill: { step, when: 'before' } });
      const where = `killed before step ${step} (${steps[step - 1]?.what} ${steps[step - 1]?.path})`;
      expect(killed.signal, where).toBe('SIGKILL');
      expect((await world.run(step % 2 === 0 ? ['check --fix'] : ['enable', 'vault'])).error, where).toBeUndefined();
      expect(running(world), where).toEqual(['1']);
      expect((await world.platform.check()).findings, where).toEqual([]);
      await remove(world);
    },
    2,
  );
});
