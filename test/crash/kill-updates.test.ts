import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPlatform } from '../../lib/open-platform.ts';
import type { Command } from './driver.ts';
import { FIXTURE, inParallel, openWorkshop, type Workshop, type World } from './world.ts';

// Installing and updating, killed before and after each durable step: the old one or the new one, whole, and in use meanwhile.

let workshop: Workshop;
let packages: { one: string; two: string };
beforeAll(async () => {
  workshop = await openWorkshop();
  packages = { one: await pack('1'), two: await pack('2') };
});
afterAll(() => workshop.remove());

/** A package of the ledger at this version, every file of which tells it. */
async function pack(version: string): Promise<string> {
  const root = join(workshop.directory(), 'vault');
  cpSync(FIXTURE, root, { recursive: true });
  const toml = `[addon]\nversion = "${version}"\nidempotent = true\n[config]\nrepeatable = true\n`;
  writeFileSync(join(root, 'addon.toml'), toml);
  for (const name of readdirSync(root)) {
    writeFileSync(join(root, name), `${readFileSync(join(root, name), 'utf8')}\n# version ${version}\n`);
  }
  const output = join(root, `../vault-${version}.addon`);
  await openPlatform({ home: join(root, '..') }).pack(root, { output });
  return output;
}

/** The version of what is installed, once it is clear that every file is of it; undefined: nothing is. */
function wholeVersion({ platform }: World): string | undefined {
  const root = platform.platform.addonRoot('vault');
  if (!existsSync(root)) return undefined;
  const names = readdirSync(root);
  expect(names.sort()).toEqual([...readdirSync(FIXTURE), 'addon.toml'].sort());
  const versions = names.map((name) => /# version (\d)/.exec(readFileSync(join(root, name), 'utf8'))?.[1]);
  expect(new Set(versions).size).toBe(1);
  return versions[0];
}

interface Scenario {
  name: string;
  earlier: () => Command[];
  command: () => Command;
  allowed: (string | undefined)[];
}

const USED: () => Command[] = () => [
  ['install', packages.one],
  ['enable', 'vault'],
  ['add', 'shop', 'vault'],
];

const SCENARIOS: Scenario[] = [
  { name: 'install', earlier: () => [], command: () => ['install', packages.one], allowed: [undefined, '1'] },
  {
    name: 'install --force of an add-on in use',
    earlier: USED,
    command: () => ['install', packages.two, { force: true }],
    allowed: ['1', '2'],
  },
];

describe.concurrent('killed at each step:', () => {
  it.each(SCENARIOS)('$name', { timeout: 240_000 }, async ({ earlier, command, allowed }) => {
    const prepared = () => workshop.makeWorld().prepare(earlier());
    const { steps, error } = await (await prepared()).drive(command());
    expect(error).toBeUndefined();
    // What is there after a step is there before the next, so one of the two will do. Of the many that make a file durable, some.
    const points = steps.flatMap(({ what }, at) => (what === 'sync' && at % 8 > 0 ? [] : [at + 1]));
    expect(points.length).toBeGreaterThan(5);
    await inParallel(
      points,
      async (step) => {
        const world = await prepared();
        const killed = await world.drive(command(), { kill: { step, when: 'before' } });
        const where = `killed before step ${step} (${steps[step - 1]?.what})`;
        expect(killed.signal, where).toBe('SIGKILL');
        expect(allowed, where).toContain(wholeVersion(world));
        if (earlier().length > 0) expect(await world.platform.url('shop', 'vault'), where).toMatch(/./);
        expect((await world.run(command())).error, where).toBeUndefined();
        expect(wholeVersion(world), where).toBe(allowed.at(-1));
        const { findings } = await world.platform.check({ fix: true });
        expect(
          findings.filter(({ addon, kind }) => addon === 'vault' && kind !== 'drift'),
          where,
        ).toEqual([]);
        const { versions, addonsRoot } = world.platform.platform;
        expect(
          readdirSync(versions).filter((name) => name.endsWith('.tmp')),
          where,
        ).toEqual([]);
        expect(readdirSync(addonsRoot).sort(), where).toEqual(['db', 'plain', 'vault']);
        world.remove();
      },
      2,
    );
  });
});
