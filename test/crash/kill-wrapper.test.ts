import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPlatform } from '../../lib/open-platform.ts';
import { locateScript } from '../../lib/scripts/locate.ts';
import { nodeDisk } from '../../lib/state/disk.ts';
import type { Command } from './driver.ts';
import { readFacts } from './facts.ts';
import { KEPT, verdict } from './oracle.ts';
import { steppingDisk } from './stepping-disk.ts';
import { inParallel, openWorkshop, scriptsBelow, type Workshop, type World } from './world.ts';

/** The programs that the wrapper makes its steps durable with. */
const TOOLS = ['fallocate', 'chown', 'ln', 'sync', 'mv', 'wc'];
const DEATHS = ['wrapper', 'group', 'manager group', 'manager wrapper'];

const TOGETHER = process.env.CRASH_ALL ? ['group', 'manager group'] : ['manager group'];
const ADDED: Command[] = [
  ['enable', 'db'],
  ['add', 'shop', 'db'],
];

interface Case {
  name: string;
  addon: 'db' | 'plain';
  before: Command[];
  command: Command;
  deaths: string[];
  /** Resources and lines in the end. */
  left?: number;
}

const CASES: Case[] = [
  { name: 'add', addon: 'db', before: [['enable', 'db']], command: ['add', 'shop', 'db'], deaths: DEATHS, left: 1 },
  {
    name: 'add, not idempotent',
    addon: 'plain',
    before: [['enable', 'plain']],
    command: ['add', 'shop', 'plain'],
    deaths: DEATHS,
    left: 1,
  },
  {
    name: 'remove',
    addon: 'db',
    before: [
      ['enable', 'db'],
      ['add', 'shop', 'db'],
    ],
    command: ['remove', 'shop', 'db'],
    deaths: ['group', 'manager group'],
  },
  { name: 'enable', addon: 'db', before: [], command: ['enable', 'db'], deaths: ['group', 'manager group'] },
  {
    name: 'disable',
    addon: 'db',
    before: [['enable', 'db']],
    command: ['disable', 'db'],
    deaths: ['group', 'manager group'],
  },
  { name: 'rotate', addon: 'db', before: ADDED, command: ['rotate', 'shop', 'db'], deaths: TOGETHER, left: 1 },
  {
    name: 'trash --empty',
    addon: 'db',
    before: [...ADDED, ['remove', 'shop', 'db', { keepFor: 60 }]],
    command: ['trash --empty'],
    deaths: TOGETHER,
  },
  {
    name: 'clone',
    addon: 'db',
    before: ADDED,
    command: ['clone', 'shop', 'blog', 'data'],
    deaths: TOGETHER,
    left: 2,
  },
];

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.remove());

describe.concurrent('a wrapper killed before and after each of its own steps loses nothing of', () => {
  it.each(CASES)('$name', { timeout: 240_000 }, async (one) => {
    const calls = await countCalls(one);
    expect(calls).toBeGreaterThan(7);
    const points = Array.from({ length: calls }, (_, call) => call + 1).flatMap((call) =>
      one.deaths.flatMap((dies, turn) =>
        (['before', 'after'] as const)
          .filter((_, index) => process.env.CRASH_ALL || one.deaths.length === 1 || (call + turn + index) % 3 === 0)
          .map((when) => ({ call, when, dies })),
      ),
    );
    await inParallel(points, (point) => dieAndRecover(one, point), 2);
  });
});

it('a wrapper that is slow to start finds that recovery was there first, and starts nothing', async () => {
  const { world, shims } = await shimmedWorld([['enable', 'plain']]);
  const slow = `#!/bin/sh
cd ${shims}
[ ! -e manager ] || kill -9 "$(cat manager)"
while [ ! -e go-on ]; do sleep 0.02; done
exec ${real('fallocate')} "$@"
`;
  writeFileSync(join(shims, 'fallocate'), slow);
  const { signal } = await world.drive(['add', 'shop', 'plain'], { announce: join(shims, 'manager') });
  expect(signal).toBe('SIGKILL');
  rmSync(join(shims, 'manager'));
  // It goes on at the worst moment: recovery has decided that nothing ran, and is about to say so.
  const disk = steppingDisk(nodeDisk, {
    before(_number, { what, path }) {
      if (what !== 'rename' || dirname(path) !== world.platform.platform.journal) return;
      writeFileSync(join(shims, 'go-on'), '');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
    },
  });
  await openPlatform({ ...world.paths, disk }).release('shop');
  expect(existsSync(join(shims, 'go-on'))).toBe(true);
  await expect.poll(() => scriptsBelow(world.home), { timeout: 60_000 }).toEqual([]);
  expect(readFacts(world)).toMatchObject({ ledger: new Map(), lines: [], entries: [] });
  expect(await verdict(world)).toEqual(KEPT);
});

interface Point {
  call: number;
  when: 'before' | 'after';
  dies: string;
}

async function dieAndRecover({ before, command, addon, left = 0 }: Case, { call, when, dies }: Point) {
  const { world, shims } = await shimmedWorld(before);
  const where = `${dies} died ${when} call ${call}`;
  writeFileSync(join(shims, 'dies'), `${call} ${when} ${dies}\n`);
  const first = await world.drive(command, { announce: join(shims, 'manager') });
  expect(existsSync(join(shims, 'died')), where).toBe(true);
  expect(first.signal, where).toBe(dies.includes('manager') ? 'SIGKILL' : null);
  expect(first.error?.ours ?? true, `${where}: ${first.error?.message}`).toBe(true);

  const second = await world.run(command);
  const { ledger, lines, entries } = readFacts(world);
  const { found, ...rest } = await verdict(world);
  expect(rest, where).toEqual({ broken: [], leftovers: [] });
  if (entries.length > 0) {
    expect([addon, second.error?.code], where).toEqual(['plain', 'quarantined']);
    // It told its id before the wrapper died, or never started: then nobody can know.
    expect([ledger.size, found], where).toEqual([0, ['quarantined']]);
  } else {
    expect([undefined, 'resource-not-found'], `${where}: ${second.error?.message}`).toContain(second.error?.code);
    expect([ledger.size, lines.length], where).toEqual([left, left]);
    expect(found, where).toEqual(KEPT.found);
  }
  world.remove();
}

async function countCalls({ before, command }: Case): Promise<number> {
  const { world, shims } = await shimmedWorld(before);
  const { error } = await world.run(command);
  expect(error).toBeUndefined();
  const calls = Number(readFileSync(join(shims, 'count'), 'utf8'));
  world.remove();
  return calls;
}

/** Its scripts find the tools in a directory where each call is counted, and one of them kills. */
async function shimmedWorld(before: Command[]): Promise<{ world: World; shims: string }> {
  const shims = join(workshop.directory(), 'shims');
  mkdirSync(shims);
  const world = workshop.makeWorld({ scriptPath: `${shims}:/usr/sbin:/usr/bin:/sbin:/bin` });
  for (const tool of TOOLS) writeFileSync(join(shims, tool), shim(shims, real(tool)), { mode: 0o755 });
  await world.prepare(before);
  rmSync(join(shims, 'count'), { force: true });
  return { world, shims };
}

const real = (tool: string) => locateScript(existsSync(`/usr/bin/${tool}`) ? '/usr/bin' : '/bin', tool);

const shim = (shims: string, tool: string) => `#!/bin/sh
cd ${shims}
count=0
[ ! -e count ] || read -r count <count
count=$((count + 1))
echo $count >count
at= when= dies= manager=
[ ! -e dies ] || read -r at when dies <dies
[ ! -e manager ] || read -r manager <manager
die() {
  [ "$at $when" = "$count $1" ] || return 0
  : >died
  for who in $dies; do
    case $who in
      manager) kill -9 "$manager" ;;
      wrapper) kill -9 $PPID ;;
      group) kill -9 0 ;;
    esac
  done
  exit 1
}
die before
${tool} "$@"
status=$?
die after
exit $status
`;
