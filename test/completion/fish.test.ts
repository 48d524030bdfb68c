import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../require.ts';
import { completionWorld, type World } from './world.ts';

describe.skipIf(!needs('fish'))('completion in fish', () => {
  let world: World;
  beforeAll(() => {
    world = completionWorld();
  });
  afterAll(() => world.end());

  const replies = (line: string): string[] =>
    world
      .run('fish', ['--no-config', '-c', `addons completion fish | source; complete -C "$argv"`, line])
      .split('\n')
      .filter(Boolean);

  test.each([
    ['addons ado', ['adopt\tgive an app a resource that exists already']],
    ['addons add ', ['blog\tapp', 'shop\tapp']],
    ['addons add shop d', ['db\tAn SQLite database file for each app']],
    ['addons remove shop ', ['vault\tKeeps secrets: one a line']],
    ['addons status --heal', ["--health\task each add-on's health script, too"]],
    ['addons env shop --format ', ['docker', 'dotenv', 'json', 'shell']],
    ['addons env shop --format=js', ['--format=json']],
    ['addons:add shop i', ['inbox\tTakes mail in']],
    ["addons remove 'sh", ['shop\tapp']],
    ['addons dump shop vault -o a', ['addons.json', 'apple pie.txt']],
    ['addons dump shop vault --output=app', ['--output=apple pie.txt']],
    ['addons link m', ['my folder/']],
    ['addons nosuch ', []],
    ['addons --home /nonexistent remove shop ', []],
  ])('%s', (line, expected) => {
    const lines = replies(line).map((one) => (/^\S.*\/?\t(Directory|)$/.test(one) ? one.replace(/\t.*/, '') : one));
    expect(lines.sort()).toEqual(expected);
  });

  test('a program to run', () => {
    expect(replies('addons exec shop -- printen').join('\n')).toContain('printenv');
  });
});
