import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../require.ts';
import { completionWorld, SHIPPED, type World } from './world.ts';

describe.skipIf(!needs('zsh'))('completion in zsh', () => {
  let world: World;
  beforeAll(() => {
    world = completionWorld();
  });
  afterAll(() => world.end());

  /** What an interactive zsh shows after Tab: the line as it is then, and the list below it. */
  function tab(line: string): string {
    const script = join(world.home, 'drive.zsh');
    writeFileSync(script, DRIVE);
    return world.run('zsh', ['-f', script, line]);
  }

  test('commands, with what they do', () => {
    const shown = tab('addons ad');
    expect(shown).toMatch(/add +-- give an app a resource of an add-on/);
    expect(shown).toMatch(/adopt +-- give an app a resource that exists already/);
    expect(shown).not.toContain('enable');
  });

  test.each([
    ['addons add ', ['blog', 'shop']],
    ['addons add shop ', ['inbox', ...SHIPPED]],
    ['addons status --heal', ['--health']],
    ['addons env shop --format ', ['docker', 'dotenv', 'json', 'shell']],
    ['addons dump shop vault -o a', ['addons.json', 'apple\\ pie.txt']],
    ['addons link my', ['my\\ folder/']],
    ['addons exec shop -- printen', ['printenv']],
  ])('%s', (line, words) => {
    const shown = tab(line);
    for (const word of words) expect(shown.replaceAll('\\ ', ' ')).toContain(word.replaceAll('\\ ', ' '));
  });

  test.each([
    ['addons remove shop v', 'addons remove shop vault '],
    ['addons env shop --format=js', 'addons env shop --format=json '],
    ['addons:add shop i', 'addons:add shop inbox '],
    ['addons dump shop vault --output=ap', 'addons dump shop vault --output=apple\\ pie.txt '],
    ["addons remove 'sh", "addons remove 'shop' "],
    ['addons dump shop vault -o o', "addons dump shop vault -o o\\'clock "],
  ])('%s becomes %s', (line, whole) => {
    expect(tab(line)).toContain(`<<${whole}>>`);
  });
});

// zpty gives a zsh a terminal of its own. Ctrl-X makes it tell its line and end.
const DRIVE = `
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PS1= PROMPT_EOL_MARK=; stty rows 60 cols 160; autoload -Uz compinit; compinit -u -D; LISTMAX=1000'
zpty -w z 'tell() { print -r -- "<<$BUFFER>>"; exit }; zle -N tell; bindkey "^X" tell; source <(addons completion zsh); echo READY'
zpty -r z shown $'*\\nREADY*'
zpty -n -w z "$1"$'\\t'
zpty -n -w z $'\\030'
while zpty -r z shown; do print -r -- "$shown"; done
`;
