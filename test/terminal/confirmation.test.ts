import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { needs } from '../require.ts';
import { addons, contents, newHome } from './home.ts';
import { atTerminal, CTRL_C, CTRL_D, ENTER } from './terminal.ts';

const QUESTION = 'Type the app (shop) to go on: ';

describe.skipIf(!needs('script'))('removing a database on a terminal', () => {
  let home: string;
  beforeEach(async () => {
    home = await newHome();
    addons(home, 'enable', 'db');
    addons(home, 'add', 'shop', 'db');
    addons(home, 'release', 'shop');
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  async function answer(keys: string, words = ['remove', 'shop', 'db']) {
    const before = contents(home);
    const terminal = atTerminal(home, words);
    await terminal.shows(QUESTION);
    terminal.type(keys);
    const status = await terminal.ended;
    return { status, screen: terminal.screen(), before, after: contents(home) };
  }

  test('tells what would be lost before it asks', async () => {
    const { screen } = await answer(CTRL_C);
    expect(screen).toMatch(/Removing db from shop destroys, with all data:\s+- db shop-\w+ of shop/);
  });

  test('the name of the app removes it', async () => {
    const { status, screen, after } = await answer(`shop${ENTER}`);
    expect(screen).toContain('Removed db from shop.');
    expect(status).toBe(0);
    expect(Object.keys(after).filter((path) => path.includes('database.sqlite'))).toEqual([]);
    expect(addons(home, 'shop').stdout).not.toContain('db');
  });

  test.each([
    ['another name', `blog${ENTER}`, 4],
    ['yes', `y${ENTER}`, 4],
    ['just Enter', ENTER, 4],
    ['Ctrl-D', CTRL_D, 4],
    ['Ctrl-C', CTRL_C, 130],
    ['Ctrl-C after the name', `shop${CTRL_C}`, 130],
  ])('%s leaves everything as it is', async (_, keys, expected) => {
    const { status, screen, before, after } = await answer(keys);
    expect(screen).toContain('nothing was changed');
    expect(status).toBe(expected);
    expect(after).toEqual(before);
    expect(addons(home, 'check')).toMatchObject({ status: 0 });
  });

  test('a name that is corrected while typing counts', async () => {
    expect((await answer(`shap\u007f\u007fop${ENTER}`)).status).toBe(0);
  });

  test.each([
    [['remove', 'shop', 'db', '--no-input']],
    [['remove', 'shop', '--all', '--no-input']],
    [['delete', 'shop', '--no-input']],
  ])('%s does not ask and refuses', async (words) => {
    const before = contents(home);
    const terminal = atTerminal(home, words);
    expect(await terminal.ended).toBe(4);
    expect(terminal.screen()).not.toContain(QUESTION);
    expect(contents(home)).toEqual(before);
  });
});
