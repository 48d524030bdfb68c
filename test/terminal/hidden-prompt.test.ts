import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CLI } from '../examples/cli.ts';
import { needs } from '../require.ts';
import { addons, contents, install, newHome } from './home.ts';
import { CTRL_C, CTRL_D, ENTER } from './terminal.ts';

const SECRET = 'pr1vate-pa55';
const QUESTION = 'Private of shop-1, empty for none: ';

describe.skipIf(!needs('script'))('adopting a resource on a terminal', () => {
  let home: string;
  beforeEach(async () => {
    home = await newHome();
    mkdirSync(join(home, 'apps/.add-ons/slow'), { recursive: true });
    await install(home, 'slow', { url: 'echo "slow://$2@host/$1"', provision: 'echo "$ADDONS_OP_ID;"' });
    addons(home, 'enable', 'slow');
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  /** Types an answer, and a word when the command is over: a terminal that echoes again shows it. */
  async function answer(keys: string, words = ['adopt', 'shop', 'slow', 'shop-1']) {
    const terminal = shellAtTerminal(home, words);
    await terminal.shows(QUESTION);
    terminal.type(keys);
    await terminal.shows(/ended \d+/);
    terminal.type(`after${ENTER}`);
    await terminal.ended;
    const screen = terminal.screen();
    return { screen, status: Number(/ended (\d+)/.exec(screen)?.[1]) };
  }

  const line = () => readFileSync(join(home, 'apps/shop/ADDONS'), 'utf8');

  test('nothing of what is typed appears, and the line has it', async () => {
    const { screen, status } = await answer(`${SECRET}${ENTER}`);
    expect(status).toBe(0);
    expect(screen).not.toContain(SECRET.slice(0, 4));
    expect(screen).toContain('shop has shop-1 of slow now');
    expect(line()).toBe(`slow;shop-1;${SECRET}\n`);
  });

  test('a typing mistake can be corrected', async () => {
    await answer(`wrong\u0015${SECRET}x\u007f${ENTER}`);
    expect(line()).toBe(`slow;shop-1;${SECRET}\n`);
  });

  test.each([
    ['just Enter', ENTER],
    ['Ctrl-D', CTRL_D],
  ])('%s is a resource without a secret', async (_, keys) => {
    expect((await answer(keys)).status).toBe(0);
    expect(line()).toBe('slow;shop-1;\n');
  });

  test('Ctrl-C changes nothing', async () => {
    const before = contents(home);
    const { screen, status } = await answer(`${SECRET}${CTRL_C}`);
    expect(status).toBe(130);
    expect(screen).toContain('nothing was changed');
    expect(screen).not.toContain(SECRET.slice(0, 4));
    expect(contents(home)).toEqual(before);
  });

  test.each([
    ['Enter', `${SECRET}${ENTER}`],
    ['Ctrl-C', `${SECRET}${CTRL_C}`],
    ['Ctrl-D', CTRL_D],
  ])('after %s the terminal shows again what is typed', async (_, keys) => {
    const { screen } = await answer(keys);
    expect(screen.slice(screen.search(/ended \d+/))).toMatch(/after\s+echoes: after/);
  });

  test('resolve --adopt asks alike', async () => {
    await install(home, 'slow', { url: 'echo "slow://$2@host/$1"', provision: 'echo not-a-line' });
    addons(home, 'add', 'shop', 'slow');
    const operation = /addons resolve (\w+)/.exec(addons(home, 'add', 'shop', 'slow').stderr)?.[1] ?? '';
    const { screen } = await answer(`${SECRET}${ENTER}`, ['resolve', operation, '--adopt', 'shop-1']);
    expect(screen).not.toContain(SECRET.slice(0, 4));
    expect(line()).toBe(`slow;shop-1;${SECRET}\n`);
  });
});

/** A shell at a terminal: it runs the command, and then reads one line more. */
function shellAtTerminal(home: string, words: readonly string[]) {
  const command = [process.execPath, CLI, ...words].map((word) => `'${word}'`).join(' ');
  const program = `trap : INT; ${command}; echo "ended $?"; read -r word; echo "echoes: $word"`;
  const child = spawn('script', ['-qec', program, '/dev/null'], {
    env: { PATH: process.env.PATH, HOME: home, SHELL: '/bin/sh', TERM: 'xterm', ADDONS_HOME: home },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    screen += text;
  });
  return {
    screen: () => screen,
    shows: (text: string | RegExp) => expect.poll(() => screen, { timeout: 60_000, interval: 20 }).toMatch(text),
    type: (keys: string) => child.stdin.write(keys),
    ended: new Promise((resolve) => child.once('close', resolve)),
  };
}
