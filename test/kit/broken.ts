import { expect, test } from 'vitest';
import { CHECK_NAMES } from '../../lib/kit/contract.ts';
import type { CheckName } from '../../lib/kit/results.ts';
import { testAddon } from '../../lib/kit/test-addon.ts';
import { collect } from '../operations/world.ts';
import { BOX, box, script, temporary } from './box.ts';

/** The box with one thing broken: what, the check that finds it, and what is to be read there. */
export type Broken = readonly [what: string, check: CheckName, seen: RegExp, files: Parameters<typeof box>[0]];

/** Slow, and done only where one of them is to fail. */
const SLOW: readonly string[] = ['concurrent', 'provision-killed', 'unprovision-half', 'unsafe-ids', 'urls'];

/** Each must fail the one check, with these words, and no other. */
export function eachFailsItsCheck(all: readonly Broken[]): void {
  test.each(all)('%s: %s', async (_, check, seen, files) => {
    const only = CHECK_NAMES.filter((name) => !SLOW.includes(name) || name === check);
    const ends = await collect(testAddon(box(files), { temporary: temporary(), only }));
    const failed = ends.filter(({ outcome }) => outcome === 'failed');
    expect(failed.map((end) => `${end.check}: ${end.seen}`)).toEqual([expect.stringMatching(`^${check}: `)]);
    expect(failed[0]?.seen).toMatch(seen);
    expect(failed[0]?.hint).toMatch(/^[A-Z].*\S/);
    // Privates are 32 hex digits here.
    expect(JSON.stringify(ends)).not.toMatch(/[0-9a-f]{32}/);
  });
}

/** A script of the box with more commands at its beginning, or at its end. */
export const before = (name: keyof typeof BOX, commands: string): string => script(`${commands}\n${commandsOf(name)}`);
export const after = (name: keyof typeof BOX, commands: string): string => script(`${commandsOf(name)}\n${commands}`);

/** A script of the box with one piece of it replaced. */
export function changed(name: keyof typeof BOX, piece: string, by: string): string {
  expect(BOX[name]).toContain(piece);
  return BOX[name].replace(piece, () => by);
}

const commandsOf = (name: keyof typeof BOX): string => BOX[name].split('\n').slice(4).join('\n');
