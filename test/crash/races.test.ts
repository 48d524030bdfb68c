import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../lib/errors.ts';
import type { Command } from './driver.ts';
import { readFacts } from './facts.ts';
import { KEPT, verdict } from './oracle.ts';
import { inParallel, openWorkshop, type Workshop, type World } from './world.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.remove());

const ADDED: Command[] = [
  ['enable', 'db'],
  ['add', 'shop', 'db', { env: 'DATABASE_URL' }],
  ['release', 'shop'],
];
const TRASHED: Command[] = [...ADDED, ['remove', 'shop', 'db', { keepFor: 60 }]];
/** What one may be told who came second. */
const SECOND: unknown[] = [
  undefined,
  'resource-not-found',
  'busy',
  'conflict',
  'in-use',
  'app-not-found',
  'quarantined',
];

/** Several processes at once, round after round; `settled` is looked at when nothing is under way any more. */
async function race(
  rounds: number,
  before: Command[],
  rivals: Command[],
  settled: (world: World, ends: (string | undefined)[]) => Promise<void> | void,
  arrange: (world: World) => unknown = () => {},
  also: ErrorCode[] = [],
) {
  await inParallel(
    Array.from({ length: rounds }),
    async () => {
      const world = workshop.makeWorld();
      world.make('db', 'manual');
      await world.prepare(before);
      await arrange(world);
      const ended = await Promise.all(rivals.map((rival) => world.drive(rival)));
      const ends = ended.map(({ error }) => error?.code);
      for (const { error } of ended) expect([...SECOND, ...also], error?.message).toContain(error?.code);
      await settled(world, ends);
      expect(readFacts(world).entries).toEqual([]);
      const isFree = !readFacts(world).lines.some(({ id }) => id === 'manual');
      expect(await verdict(world, isFree ? ['manual'] : [])).toEqual(KEPT);
      world.remove();
    },
    2,
  );
}

const counts = (world: World) => {
  const { ledger, lines, trash } = readFacts(world);
  return { resources: ledger.size - 1, lines: lines.length, trash: trash.length };
};

describe.concurrent('two at once', () => {
  it('undo beside trash --empty: exactly one of them gets the resource', { timeout: 300_000 }, () =>
    race(6, TRASHED, [['undo', 'shop', 'db'], ['trash --empty']], (world, [undone]) => {
      const back = undone === undefined;
      // Both may have seen the other and withdrawn: then it lies where it lay.
      if (back || counts(world).trash === 0)
        expect(counts(world)).toEqual({ resources: back ? 1 : 0, lines: back ? 1 : 0, trash: 0 });
      else expect(counts(world)).toEqual({ resources: 1, lines: 0, trash: 1 });
    }),
  );

  it('undo beside trash --empty, for an app that was made again', { timeout: 300_000 }, () =>
    race(
      6,
      TRASHED,
      [['undo', 'shop', 'db'], ['trash --empty']],
      (world, [undone]) => {
        if (undone === undefined) expect(counts(world)).toEqual({ resources: 1, lines: 1, trash: 0 });
        else expect(counts(world).lines).toBe(0);
      },
      (world) => world.makeAgain('shop'),
    ),
  );

  it('undo twice, and the trash emptied twice', { timeout: 300_000 }, () =>
    race(
      6,
      TRASHED,
      [['undo', 'shop', 'db'], ['trash --empty'], ['undo', 'shop', 'db'], ['trash --empty']],
      (world) => {
        const { resources, lines, trash } = counts(world);
        expect(lines + trash).toBe(resources);
      },
    ),
  );

  it('adopt of one id for two apps: one of them at most gets it', { timeout: 300_000 }, () =>
    race(
      6,
      [['enable', 'db']],
      [
        ['adopt', 'shop', 'db', 'manual'],
        ['adopt', 'blog', 'db', 'manual'],
      ],
      (world, ends) => {
        expect(readFacts(world).lines).toHaveLength(ends.filter((end) => end === undefined).length);
        expect(readFacts(world).lines.length).toBeLessThan(2);
      },
    ),
  );

  it.each<[string, Command, Command]>([
    ['add', ['add', 'blog', 'db'], ['rename', 'shop', 'blog']],
    ['remove', ['remove', 'shop', 'db'], ['rename', 'shop', 'blog']],
    ['remove --keep-for', ['remove', 'shop', 'db', { keepFor: 60 }], ['rename', 'shop', 'blog']],
    ['release', ['release', 'shop'], ['rename', 'shop', 'blog']],
    ['release of the new one', ['release', 'blog'], ['rename', 'shop', 'blog']],
    ['disable --force', ['disable', 'db', 'force'], ['rename', 'shop', 'blog']],
    ['remove, while the directory gets the new name', ['remove', 'shop', 'db'], ['rename', 'shop', 'store']],
    ['release, while the directory gets the new name', ['release', 'shop'], ['rename', 'shop', 'store']],
  ])('rename beside %s', { timeout: 300_000 }, (_, rival, rename) =>
    race(3, ADDED, [rename, rival], (world) => {
      const { resources, lines, trash } = counts(world);
      expect(lines + trash).toBe(resources);
    }),
  );

  it('clone --with-data beside remove of its source: the copy is whole or not there', { timeout: 300_000 }, () =>
    race(
      6,
      ADDED,
      [
        ['clone', 'shop', 'blog', 'data'],
        ['remove', 'shop', 'db'],
      ],
      (world, [cloned]) => {
        // A dump of what is just being removed fails, and so does the clone.
        const { ledger, lines } = readFacts(world);
        expect(counts(world)).toMatchObject({ resources: lines.length, trash: 0 });
        if (cloned !== undefined) expect(lines).toEqual([]);
        for (const { app, id } of lines) {
          expect(app).toBe('blog');
          expect(ledger.get(id)?.data).not.toContain(id);
        }
      },
      undefined,
      ['script-failed'],
    ),
  );

  it.each(['retry', 'adopt', 'discard'] as const)('resolve --%s twice: one settles it', { timeout: 300_000 }, (how) =>
    race(
      5,
      [['enable', 'db']],
      [
        ['resolve', how],
        ['resolve', how],
      ],
      async (world, ends) => {
        expect(ends.filter((end) => end === undefined)).toHaveLength(1);
        expect(counts(world)).toEqual({ resources: 1, lines: how === 'discard' ? 0 : 1, trash: 0 });
        if (how === 'discard') await world.prepare([['add', 'shop', 'db']]);
        for (const [id] of readFacts(world).ledger)
          if (!readFacts(world).lines.some((line) => line.id === id)) world.unmake('db', id);
      },
      async (world) => {
        world.atPoint('db', 'provision-made', 'garbage');
        expect((await world.run(['add', 'shop', 'db'])).error?.code).toBe('quarantined');
      },
    ),
  );

  it('rotate beside release: the next release gives the newest secret', { timeout: 300_000 }, () =>
    race(
      6,
      ADDED,
      [
        ['rotate', 'shop', 'db'],
        ['release', 'shop'],
        ['rotate', 'shop', 'db'],
      ],
      async (world, ends) => {
        expect(ends).toEqual([undefined, undefined, undefined]);
        await world.prepare([['release', 'shop']]);
        const { lines, ledger } = readFacts(world);
        const [line] = lines;
        const url = `ledger://${line?.id}/${ledger.get(line?.id ?? '')?.secret}`;
        const variables = await world.platform.env('shop');
        expect([variables.get('X_DB_URL'), variables.get('DATABASE_URL')]).toEqual([url, url]);
      },
    ),
  );
});
