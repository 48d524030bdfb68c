import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../require.ts';
import { completionWorld, SHIPPED, type World } from './world.ts';

let world: World;
beforeAll(() => {
  world = completionWorld();
});
afterAll(() => world.end());

describe('completion in bash', () => {
  /** What bash is told for these words; `cut` as readline cuts them. */
  function replies(line: string, cut: readonly string[], setUp = ''): string[] {
    const words = cut.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    const script = `${setUp}
      eval "$(addons completion bash)"
      COMP_LINE=$1 COMP_POINT=\${#1} COMP_WORDS=(${words}) COMP_CWORD=${cut.length - 1}
      _addons_complete
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    return world.run('bash', ['--norc', '-c', script, 'bash', line]).split('\n').filter(Boolean);
  }

  test.each([
    ['addons ad', ['addons', 'ad'], ['add', 'adopt']],
    ['addons sho', ['addons', 'sho'], ['shop']],
    ['addons add ', ['addons', 'add', ''], ['blog', 'shop']],
    ['addons add shop ', ['addons', 'add', 'shop', ''], ['inbox', ...SHIPPED]],
    ['addons add --app shop ', ['addons', 'add', '--app', 'shop', ''], ['inbox', ...SHIPPED]],
    ['addons remove shop ', ['addons', 'remove', 'shop', ''], ['vault']],
    ['addons enable ', ['addons', 'enable', ''], ['inbox', ...SHIPPED]],
    ['addons disable ', ['addons', 'disable', ''], ['vault']],
    ['addons env --format=d', ['addons', 'env', '--format', '=', 'd'], ['dotenv', 'docker']],
    ['addons env --format=', ['addons', 'env', '--format', '='], ['dotenv', 'docker', 'json', 'shell']],
    ['addons:add sh', ['addons', ':', 'add', 'sh'], ['shop']],
    ['addons:add shop i', ['addons:add', 'shop', 'i'], ['inbox']],
    ['addons list --al', ['addons', 'list', '--al'], ['--all']],
    ["addons add 'sh", ['addons', 'add', "'sh"], ['shop']],
    ['addons add nosuch  sh', ['addons', 'add', 'nosuch', 'sh'], []],
    ['addons nosuch ', ['addons', 'nosuch', ''], []],
    ['addons dump shop vault -o a', ['addons', 'dump', 'shop', 'vault', '-o', 'a'], ['addons.json', 'apple\\ pie.txt']],
    ['addons install d', ['addons', 'install', 'd'], ['db']],
    ['addons install my', ['addons', 'install', 'my'], ['my\\ folder']],
    ['addons completion ', ['addons', 'completion', ''], ['bash', 'zsh', 'fish']],
  ])('%s', (line, cut, expected) => {
    expect(replies(line, cut).sort()).toEqual([...expected].sort());
  });

  test('where the user has taken : and = from what cuts words', () => {
    const setUp = 'COMP_WORDBREAKS=" "';
    expect(replies('addons env --format=js', ['addons', 'env', '--format=js'], setUp)).toEqual(['--format=json']);
  });

  test('the cursor in the middle: what follows it does not count', () => {
    const script = `eval "$(addons completion bash)"
      COMP_LINE='addons remove shop vault' COMP_POINT=15 COMP_WORDS=(addons remove shop vault) COMP_CWORD=2
      _addons_complete
      echo "\${COMPREPLY[@]}"`;
    expect(world.run('bash', ['--norc', '-c', script])).toBe('shop\n');
  });

  test('a platform that is not there is silence', () => {
    expect(world.run('addons', ['complete', '--', '--home', '/nonexistent', 'add', ''])).toBe('');
    writeFileSync(join(world.cwd, 'file'), '');
    expect(world.run('addons', ['complete', '--', '--home', './file', 'remove', 'shop', ''])).toBe('');
    expect(world.run('addons', ['complete', '--', '--platform', '../x', 'add', ''])).toBe('');
  });

  const PACKAGE = '/usr/share/bash-completion/bash_completion';

  test.skipIf(!needs('script')).each([
    ['alone', ''],
    ['beside the package bash-completion', existsSync(PACKAGE) ? `. ${PACKAGE}` : ''],
  ])('at a terminal, %s', async (_, setUp) => {
    expect(await tab(setUp, 'addons add shop i')).toContain('<<addons add shop inbox >>');
    expect(await tab(setUp, 'addons:add shop i')).toContain('<<addons:add shop inbox >>');
    expect(await tab(setUp, 'addons env shop --format=js')).toContain('<<addons env shop --format=json >>');
    expect(await tab(setUp, 'addons restore shop vault ap')).toContain(
      '<<addons restore shop vault apple\\ pie.txt >>',
    );
    expect(await tab(setUp, 'addons link my')).toContain('<<addons link my\\ folder/>>');
    expect(await tab(setUp, "addons remove 'sh")).toContain("<<addons remove 'shop' >>");
    expect(await tab(setUp, 'addons add ')).toMatch(/blog +shop/);
  });

  /** Tab, at a bash that sits on a terminal; Ctrl-X makes it tell its line and end. */
  function tab(setUp: string, line: string): Promise<string> {
    const rc = join(world.home, 'bashrc');
    writeFileSync(
      rc,
      `PS1=; HISTFILE=; ${setUp}
       bind 'set show-all-if-ambiguous on'; bind 'set enable-bracketed-paste off'; bind 'set bell-style none'
       tell() { printf '<<%s>>' "$READLINE_LINE"; exit; }
       bind -x '"\\C-x": tell'
       eval "$(addons completion bash)"; echo READY\n`,
    );
    const child = spawn('script', ['-qec', `bash --noprofile --rcfile '${rc}' -i`, '/dev/null'], {
      cwd: world.cwd,
      env: world.env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let screen = '';
    let typed = false;
    child.stdout.setEncoding('utf8').on('data', (text) => {
      screen += text;
      if (typed || !screen.includes('READY')) return;
      typed = true;
      child.stdin.write(`${line}\t\u0018`);
    });
    return new Promise((resolve) => child.once('close', () => resolve(screen)));
  }
});
