import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Command } from './driver.ts';
import { readFacts } from './facts.ts';
import { brokenPromises, KEPT, leftovers, verdict } from './oracle.ts';
import { openWorkshop, type Workshop, type World } from './world.ts';

const isRoot = process.geteuid?.() === 0;
const BLOCK = 4096;

let workshop: Workshop;
const mounts: string[] = [];
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterEach(() => {
  for (const path of mounts.splice(0)) execFileSync('umount', ['-l', path]);
});
afterAll(() => workshop.remove());

/** Which of a platform's directories is the small disk. */
const PLACES: [string, (home: string) => string][] = [
  ['lib root', (home) => join(home, 'lib')],
  ['the apps', (home) => join(home, 'apps')],
  ['the data of the add-on', (home) => join(home, 'apps', '.add-ons', 'db')],
];

const ADDED: Command[] = [
  ['enable', 'db'],
  ['add', 'shop', 'db'],
  ['release', 'shop'],
];

const TO_TRASH: Command = ['remove', 'shop', 'db', { keepFor: 60 }];

/** `left`: resources, lines and trash records when it succeeded. */
const COMMANDS: { before: Command[]; command: Command; left: [ledger: number, lines: number, trash: number] }[] = [
  { before: [], command: ['enable', 'db'], left: [0, 0, 0] },
  { before: [['enable', 'db']], command: ['add', 'shop', 'db'], left: [1, 1, 0] },
  { before: ADDED, command: ['remove', 'shop', 'db'], left: [0, 0, 0] },
  { before: ADDED.slice(0, 2), command: ['release', 'shop'], left: [1, 1, 0] },
  { before: [['enable', 'db']], command: ['disable', 'db'], left: [0, 0, 0] },
  { before: ADDED, command: ['rotate', 'shop', 'db'], left: [1, 1, 0] },
  { before: ADDED, command: TO_TRASH, left: [1, 0, 1] },
  { before: [...ADDED, TO_TRASH], command: ['undo', 'shop', 'db'], left: [1, 1, 0] },
  { before: ADDED, command: ['rename', 'shop', 'blog'], left: [1, 1, 0] },
  { before: ADDED, command: ['clone', 'shop', 'blog', 'data'], left: [2, 2, 0] },
];

describe.skipIf(!isRoot)('(as root) on a full disk', () => {
  it.each(PLACES)('for %s nothing is lost, and the same command succeeds when there is space', async (_, place) => {
    for (const { before, command, left } of COMMANDS) {
      // From the first that fails at once to the first that succeeds.
      for (let free = 0; ; free++) {
        const where = `${command.join(' ')} with ${free} blocks free`;
        const { world, small } = smallWorld(place, 'size=2m');
        await world.prepare(before);
        const whole = filesOf(world);
        fillUp(small, free);
        const { error } = await world.run(command);
        if (error) {
          // Where its data is on the full disk, too, the script finds it out first; where its output is, the release says it.
          const theirs = place !== PLACES[0]?.[1] && error.code === 'script-failed';
          const released = error.code === 'release-failed' && /No space is left/.test(error.message);
          const told = error.ours && (theirs || released || error.code === 'disk-full');
          expect(told, `${where}: ${JSON.stringify(error)}`).toBe(true);
          expect(error.hint, where).toBeDefined();
          if (place !== PLACES[0]?.[1] && command[0] !== 'release') expect(filesOf(world), where).toEqual(whole);
        }
        expect(brokenPromises(world), where).toEqual([]);
        expect(leftovers(world), where).toEqual([]);
        await expectSuccess(world, small, command, left, where);
        if (!error) break;
        expect(free, 'it never succeeds').toBeLessThan(40);
      }
    }
  });

  it('that has space but no inodes nothing is lost either', async () => {
    for (let free = 0; ; free++) {
      const where = `${free} inodes free`;
      const { world, small } = smallWorld(PLACES[0]?.[1] ?? String, 'size=2m,nr_inodes=200');
      await world.prepare([['enable', 'db']]);
      mkdirSync(join(small, 'filler'));
      for (let count = 0; ; count++) {
        try {
          writeFileSync(join(small, 'filler', String(count)), '');
        } catch {
          for (let freed = 1; freed <= free; freed++) rmSync(join(small, 'filler', String(count - freed)));
          break;
        }
      }
      const { error } = await world.run(['add', 'shop', 'db']);
      if (error) expect(error, where).toMatchObject({ ours: true, code: 'disk-full' });
      expect(brokenPromises(world), where).toEqual([]);
      await expectSuccess(world, small, ['add', 'shop', 'db'], [1, 1, 0], where);
      if (!error) break;
      expect(free, 'it never succeeds').toBeLessThan(40);
    }
  });
});

describe.skipIf(!isRoot)('(as root) on a read-only file system', () => {
  it.each(PLACES.slice(0, 2))('for %s every change is refused and nothing is touched', async (_, place) => {
    const { world, small } = smallWorld(place, 'size=2m');
    await world.prepare([...ADDED, ['enable', 'plain']]);
    const before = filesOf(world);
    execFileSync('mount', ['-o', 'remount,ro', small]);
    const commands: Command[] = [
      ['add', 'shop', 'plain'],
      ['remove', 'shop', 'db'],
      ['disable', 'plain'],
      ['disable', 'db', 'force'],
      ['delete', 'shop'],
    ];
    for (const command of commands) {
      const { error } = await world.run(command);
      // With only the apps read-only, the script itself finds it out first.
      const codes = place === PLACES[0]?.[1] ? ['read-only'] : ['read-only', 'script-failed'];
      expect(codes, `${command.join(' ')}: ${error?.message}`).toContain(error?.code);
      expect(filesOf(world), command.join(' ')).toEqual(before);
    }
    expect((await world.platform.list('shop')).resources).toHaveLength(1);
    execFileSync('mount', ['-o', 'remount,rw', small]);
    // The disables had begun: the entries that keep new adds out are theirs.
    await world.prepare([
      ['disable', 'db', 'force'],
      ['disable', 'plain'],
    ]);
    expect(await verdict(world)).toEqual(KEPT);
  });
});

async function expectSuccess(world: World, small: string, command: Command, left: number[], where: string) {
  rmSync(join(small, 'filler'), { force: true, recursive: true });
  const again = await world.run(command);
  expect([undefined, 'resource-not-found'], `${where}, then space: ${again.error?.message}`).toContain(
    again.error?.code,
  );
  expect(await verdict(world), where).toEqual(KEPT);
  const { ledger, lines, entries, trash } = readFacts(world);
  expect([ledger.size, lines.length, trash.length, entries.length], where).toEqual([...left, 0]);
}

function smallWorld(place: (home: string) => string, options: string): { world: World; small: string } {
  for (const path of mounts.splice(0)) execFileSync('umount', ['-l', path]);
  const home = join(workshop.directory(), 'home');
  const small = place(home);
  mkdirSync(small, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', small]);
  mounts.push(small);
  return { world: workshop.makeWorld({ home }), small };
}

/** Leaves this many blocks free, and not a byte more. */
function fillUp(small: string, free: number) {
  const fd = openSync(join(small, 'filler'), 'w');
  const block = Buffer.alloc(BLOCK);
  let blocks = 0;
  try {
    for (;;) {
      writeSync(fd, block);
      blocks++;
    }
  } catch {
    ftruncateSync(fd, Math.max(0, blocks - free) * BLOCK);
  } finally {
    closeSync(fd);
  }
}

const filesOf = ({ platform: { platform } }: World) =>
  ['ADDONS', 'ENV'].map((name) => {
    try {
      return readFileSync(join(platform.appDir('shop'), name), 'utf8');
    } catch {
      return undefined;
    }
  });
