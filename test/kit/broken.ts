import { expect, test } from 'vitest';
import type { CheckName } from '../../lib/kit/results.ts';
import { testAddon } from '../../lib/kit/test-addon.ts';
import { collect } from '../operations/world.ts';
import { BOX, box, script, temporary } from './box.ts';

/** The box with one thing broken: what, the check that finds it, and what is to be read there. */
export type Broken = readonly [what: string, check: CheckName, seen: RegExp, files: Parameters<typeof box>[0]];

/** One of each field, beside the check that is to fail: the whole table for each would take minutes. */
const BESIDE: readonly CheckName[] = [
  'health',
  'url-stable',
  'unprovision-again',
  'dump',
  'rotate',
  'umask',
  'modes',
  'own-session',
  'disable-in-use',
  'nothing-left',
  'own-directory',
  'secrets',
  'arguments',
];

/** Checks that see more where `list` is known to be right. */
const COUNTING: readonly CheckName[] = ['unprovision', 'provision-killed'];

/** Each must fail the one check, with these words, and no other. */
export function eachFailsItsCheck(all: readonly Broken[]): void {
  test.each(all)('%s: %s', async (_, check, seen, files) => {
    const only = [check, ...BESIDE, ...(COUNTING.includes(check) ? ['list'] : [])];
    const ends = await collect(testAddon(box(files), { temporary: temporary(), only }));
    const failed = ends.filter(({ outcome }) => outcome === 'failed');
    expect(failed.map((end) => `${end.check}: ${end.seen}`)).toEqual([expect.stringMatching(`^${check}: `)]);
    expect(failed[0]?.seen).toMatch(seen);
    expect(failed[0]?.hint).toMatch(/^[A-Z].*\S/);
    expect(JSON.stringify(ends)).not.toMatch(A_PRIVATE);
  });
}

/** The box takes them from the kernel, which makes them UUIDs. */
export const A_PRIVATE = /[0-9a-f]{8}-[0-9a-f]{4}-/;

/** A script of the box with more commands at its beginning, or at its end. */
export const before = (name: keyof typeof BOX, commands: string): string => script(`${commands}\n${commandsOf(name)}`);
export const after = (name: keyof typeof BOX, commands: string): string => script(`${commandsOf(name)}\n${commands}`);

/** A script of the box with one piece of it replaced. */
export function changed(name: keyof typeof BOX, piece: string, by: string): string {
  expect(BOX[name]).toContain(piece);
  return BOX[name].replace(piece, () => by);
}

const commandsOf = (name: keyof typeof BOX): string => BOX[name].split('\n').slice(4).join('\n');
