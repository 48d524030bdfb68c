import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { needs } from '../require.ts';
import { addons, install, newHome } from './home.ts';
import { atTerminal } from './terminal.ts';

const ERASE = '\r\u001b[K';
const BOLD = '\u001b[1m';

describe.skipIf(!needs('script'))('what is on the screen', () => {
  let home: string;
  beforeEach(async () => {
    home = await newHome();
    await install(home, 'slow', { provision: 'sleep 0.7\necho "shop-1;secret"', url: 'echo slow://shop' });
    addons(home, 'enable', 'slow');
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  test('a line passes while a script runs, and is gone when the result is there', async () => {
    const terminal = atTerminal(home, ['add', 'shop', 'slow']);
    expect(await terminal.ended).toBe(0);
    const [last, ...passed] = terminal.screen().split(ERASE).reverse();
    expect(last).toBe('Added slow to shop: the next release sets X_SLOW_URL.\r\n');
    expect(passed.length).toBeGreaterThan(2);
  });

  test('nothing passes in a pipe', () => {
    const { stdout, stderr } = addons(home, 'add', 'shop', 'slow');
    expect(stdout).toBe('Added slow to shop: the next release sets X_SLOW_URL.\n');
    expect(stderr).toBe('-----> Adding slow to shop\n');
  });

  test('headings are bold', async () => {
    const terminal = atTerminal(home, ['add', 'shop', 'slow']);
    await terminal.ended;
    expect(terminal.screen()).toContain(`${BOLD}-----> `);
  });

  test.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }])('no colours with %o', async (environment) => {
    const terminal = atTerminal(home, ['add', 'shop', 'slow'], environment);
    await terminal.ended;
    expect(terminal.screen()).toContain('-----> Adding slow to shop');
    expect(terminal.screen()).not.toMatch(/\u001b\[[\d;]*m/);
  });

  test('--quiet shows nothing that passes', async () => {
    const terminal = atTerminal(home, ['add', 'shop', 'slow', '--quiet']);
    expect(await terminal.ended).toBe(0);
    expect(terminal.screen()).toBe('');
  });
});
