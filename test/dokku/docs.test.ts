import { afterAll, beforeAll, expect, it } from 'vitest';
import { asDokkuCommands, dokkuEntries } from '../../lib/dokku/surface.ts';
import { blocksOf, inlineCodeOf, page } from '../docs/pages.ts';
import { type DokkuWorld, makeDokku } from './world.ts';

const text = page('docs/dokku.md');

let world: DokkuWorld;
beforeAll(() => {
  world = makeDokku({ fixtures: false });
});
afterAll(() => world.remove());

it('shows a first add-on as it goes', () => {
  const steps = blocksOf(text)
    .filter(({ language }) => language === 'console')
    .flatMap(({ lines }) => lines.join('\n').split(/^\$ /m).filter(Boolean))
    .map((step) => step.split('\n'));
  expect(steps.length).toBeGreaterThan(8);
  for (const [command = '', ...shown] of steps) {
    const [program, ...words] = command.split(' ');
    expect(program).toBe('dokku');
    const { stdout, stderr } = world.done(words);
    // On a terminal the two mix: headings and notes of stderr come first.
    expect(normal(stderr + stdout), command).toBe(normal(shown.join('\n')));
  }
});

it('names every command of the plugin', () => {
  const named = inlineCodeOf(text).join(' ');
  for (const { name } of dokkuEntries())
    expect(named, name).toMatch(name === 'list' ? /dokku addons / : new RegExp(`(addons:|^|\\s)${name}\\b`));
});

it('says nothing in the words of the other program', () => {
  const code = [...inlineCodeOf(text), ...blocksOf(text).flatMap(({ lines }) => lines)];
  expect(code.filter((line) => asDokkuCommands(line) !== line)).toEqual([]);
});

const normal = (output: string): string =>
  output
    .replaceAll(world.libRoot, '/var/lib/dokku')
    .replace(/shop-[0-9a-z]{20}/g, 'shop-ID')
    .trimEnd();
