import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../lib/cli/commands.ts';
import { manPages } from '../../../lib/cli/man/pages.ts';
import { GLOBAL_OPTIONS, namesOf } from '../../../lib/cli/options.ts';
import { needs } from '../../require.ts';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const BUILT = fileURLToPath(new URL('../../../dist/man', import.meta.url));

const pages = manPages({ docs: read('docs/cli.md'), version: '1.2.3', date: '2026-01-31' });
const NAMES = [...pages.keys()];

/** The page as people read it, without bold and italics. */
const shown = (name: string): string => {
  const { stdout, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-P-cbou', '-rLL=200n'], {
    input: pages.get(name),
    encoding: 'utf8',
  });
  return stdout + stderr;
};

test('every command has a page, and one is about all', () => {
  expect(NAMES.sort()).toEqual(['addons.1', ...COMMANDS.map(({ name }) => `addons-${name}.1`)].sort());
});

test('package.json names each of them, and the build has written them', () => {
  expect(JSON.parse(read('package.json')).man.sort()).toEqual(NAMES.map((name) => `./dist/man/${name}`).sort());
  expect(readdirSync(BUILT).sort()).toEqual(NAMES);
});

describe.skipIf(!needs('groff', 'mandoc'))('every page', () => {
  test.each(NAMES)('%s gives groff and mandoc nothing to complain about', (name) => {
    const input = pages.get(name);
    const groff = spawnSync('groff', ['-man', '-ww', '-z'], { input, encoding: 'utf8' });
    expect(groff.stdout + groff.stderr).toBe('');
    const mandoc = spawnSync('mandoc', ['-T', 'lint'], { input, encoding: 'utf8' });
    expect(mandoc.stdout + mandoc.stderr).toBe('');
  });

  test.each(COMMANDS.map((entry) => [entry.name, entry] as const))('addons-%s tells all', (name, entry) => {
    const text = shown(`addons-${name}.1`);
    expect(text).toContain(`addons-${name} - ${entry.summary.replaceAll('`', '')}`);
    for (const heading of ['SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'EXIT STATUS', 'EXAMPLES', 'SEE ALSO']) {
      expect(text).toMatch(new RegExp(`^${heading}$`, 'm'));
    }
    for (const verb of [name, ...(entry.aliases ?? [])])
      expect(text).toMatch(new RegExp(`^ +addons ${verb}( |$)`, 'm'));
    for (const option of entry.options.flatMap(namesOf)) expect(text).toMatch(new RegExp(`^ +(-\\w, )?${option}`, 'm'));
    for (const example of entry.examples) expect(text).toContain(example);
  });

  test('a page says what docs/cli.md says', () => {
    expect(shown('addons-exec.1')).toContain('126 where it cannot be run');
    expect(shown('addons-env.1')).toContain('dotenv (default), docker (for docker run --env-file)');
  });

  test('addons(1) has every command and every common option', () => {
    const text = shown('addons.1');
    for (const { name } of COMMANDS) expect(text).toContain(`addons-${name}(1)`);
    for (const option of GLOBAL_OPTIONS.flatMap(namesOf))
      expect(text).toMatch(new RegExp(`^ +(-\\w, )?${option}`, 'm'));
    expect(text).toContain('X_APP_NAME');
  });
});

test.skipIf(!needs('man'))('man shows a built page', () => {
  const { stdout, stderr, status } = spawnSync('man', ['-l', `${BUILT}/addons-add.1`], {
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', MANWIDTH: '80', MAN_KEEP_FORMATTING: '' },
    encoding: 'utf8',
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  expect(stdout).toContain('give an app a resource of an add-on');
});
