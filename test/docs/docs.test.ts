import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findCommand } from '../../lib/cli/commands.ts';
import { dispatch } from '../../lib/cli/dispatch.ts';
import { fillOperands } from '../../lib/cli/operands.ts';
import { parse } from '../../lib/cli/parse.ts';
import { dokkuEntries } from '../../lib/dokku/surface.ts';
import { anchorsOf, blocksOf, inlineCodeOf, linksOf, page, pages, ROOT } from './pages.ts';

const ALL = pages();
const FOR_USERS = ALL.filter(({ path }) => /^(README|CHANGELOG)\.md$|^(docs|addons|examples)\//.test(path));

describe('every relative link leads somewhere:', () => {
  test.each(ALL)('$path', ({ path, text }) => {
    const relative = linksOf(text).filter((target) => !/^[a-z]+:/.test(target));
    const broken = relative.filter((target) => {
      const [file = '', anchor] = target.split('#');
      const found = file === '' ? path : join(dirname(path), file);
      if (!existsSync(join(ROOT, found))) return true;
      return anchor !== undefined && !anchorsOf(page(found)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});

describe('every command that is shown is one:', () => {
  test.each(FOR_USERS)('$path', ({ text }) => {
    const isOurs = oursIn(text);
    const shown = blocksOf(text).flatMap(commandLinesOf).flatMap(commandsIn).filter(isOurs);
    const named = inlineCodeOf(text).flatMap(commandsIn).filter(isOurs);
    expect(shown.flatMap((call) => problemOf(call, false))).toEqual([]);
    expect(named.flatMap((call) => problemOf(call, true))).toEqual([]);
  });

  test('and they are found', () => {
    const commands = FOR_USERS.flatMap(({ text }) => [
      ...blocksOf(text).flatMap(commandLinesOf).flatMap(commandsIn),
      ...inlineCodeOf(text).flatMap(commandsIn),
    ]);
    expect(commands.length).toBeGreaterThan(100);
    expect(commands).toContainEqual({ words: ['remove', 'shop', 'db', '--confirm', 'shop'], dokku: false });
    expect(commands).toContainEqual({ words: ['rotate', '<app>', '<addon>'], dokku: true });
    expect(problemOf({ words: ['remvoe', 'shop'] }, true)).toHaveLength(1);
    expect(problemOf({ words: ['remove', '--forse'] }, true)).toHaveLength(1);
    expect(problemOf({ words: ['remove'] }, false)).toHaveLength(1);
    expect(problemOf({ words: ['add', '--no-restart'] }, true)).toHaveLength(1);
    expect(problemOf({ words: ['add', '--no-restart'], dokku: true }, true)).toEqual([]);
    expect(problemOf({ words: ['rename', 'shop', 'store'], dokku: true }, true)).toHaveLength(1);
  });
});

test('every file that is named is there', () => {
  const named = FOR_USERS.flatMap(({ text }) => inlineCodeOf(text)).flatMap((code) => {
    if (/^(lib|test|bench|examples|addons|docs)\/[\w./-]+$/.test(code)) return [code];
    return /^(cli|operations|scripts|state|app|addon)\/[\w./-]+\.ts$/.test(code) ? [`lib/${code}`] : [];
  });
  expect(named.length).toBeGreaterThan(20);
  expect([...new Set(named)].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test('every folder of lib/ stands in the architecture', () => {
  const tree = blocksOf(page('docs/architecture.md'))[0]?.lines.join('\n') ?? '';
  const shown = [...tree.matchAll(/^ +([a-z]+)\/ /gm)].map(([, name]) => name);
  for (const folder of ['cli', 'operations', 'recovery', 'check', 'scripts', 'state', 'addon']) {
    expect(shown).toContain(folder);
  }
});

test('every dependency has its reason', () => {
  const { dependencies = {}, devDependencies } = JSON.parse(page('package.json'));
  const decisions = page('docs/decisions.md');
  expect(dependencies, 'everything is bundled').toEqual({});
  for (const name of Object.keys(devDependencies)) {
    expect(decisions).toContain(name.startsWith('@types/') ? '@types/' : name.replace(/^@biomejs\//, ''));
  }
});

/** Of a block, the lines that are typed. */
function commandLinesOf({ language, lines }: { language: string; lines: string[] }): string[] {
  if (language === 'console') return lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2));
  return language === 'sh' || language === '' ? lines : [];
}

interface Shown {
  words: string[];
  /** Typed to Dokku, which has more options and fewer commands. */
  dokku?: boolean;
}

/** The words of each `addons …` in a line of shell, placeholders as they stand. */
function commandsIn(line: string): Shown[] {
  const calls =
    /(?<![\w./@-])(dokku |npx (?:-p paas-addons )?)?(?<!dokku plugin:\S+ .*)addons(?= |:[a-z])(:\S+)?([^|;&#)]*)/g;
  return [...line.matchAll(calls)].map(([, before = '', colon = '', rest = '']) => {
    const words = rest.replace(/\s[<>].*/, (redirected) => (/^\s[[]?<[a-z]+>/.test(redirected) ? redirected : ''));
    return {
      words: [colon.slice(1), ...words.split(/\s+/)].filter((word) => word !== '' && !/^(…|\.\.\.)$/.test(word)),
      dokku: before === 'dokku ',
    };
  });
}

/** All but the commands of the plugins that a page makes, and a name that stands for any: `addons NAME`, `addons PLUGIN:NAME`. */
function oursIn(text: string): (shown: Shown) => boolean {
  const code = blocksOf(text).flatMap(({ lines }) => lines);
  const made = code.flatMap(
    (line) => /\/(?:addons-|plugins\/)([a-z]+)"?$/.exec(line.replace(/<<.*/, '').trim())?.[1] ?? [],
  );
  return ({ words }) => {
    const { word = '' } = dispatch(['node', 'addons', ...words]);
    return !/^[A-Z]+(:[A-Z]+)?$/.test(word) && !made.includes(/^[a-z]+/.exec(word)?.[0] ?? '');
  };
}

const DOKKU = dokkuEntries({ verifyApp: async () => {}, visible: async () => [], restart: async () => true });

/** Why a command line cannot be typed so. `mention`: it may leave out its operands. */
function problemOf({ words, dokku = false }: Shown, mention: boolean): string[] {
  const { word, rest } = dispatch(['node', 'addons', ...words]);
  const isApp = word === undefined || /^(shop|\[?<app>\]?)$/.test(word);
  const name = isApp ? 'list' : word;
  const entry = dokku ? DOKKU.find((one) => one.name === name) : findCommand(name);
  // `addons add …`, `addons <command>`: a way to say "any".
  if (word !== undefined && /^[<…]/.test(word) && !isApp) return [];
  if (dokku && name === 'help') return []; // answered in bash
  if (entry === undefined) return [`addons ${words.join(' ')}: no such command`];
  try {
    fillOperands(entry, parse(entry, mention ? ['--help', ...rest] : rest));
    return [];
  } catch (error) {
    return [`addons ${words.join(' ')}: ${error}`];
  }
}
