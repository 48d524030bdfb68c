import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { needs } from '../require.ts';
import { addons, install, newHome } from './home.ts';
import { atTerminal } from './terminal.ts';

describe.skipIf(!needs('script'))('status on a narrow terminal', () => {
  let home: string;
  beforeEach(async () => {
    home = await newHome();
    await install(home, 'safe', { provision: 'echo "shop-0123456789-0123456789;x"', url: 'echo safe://shop' });
    addons(home, 'enable', 'safe');
    addons(home, 'add', 'shop', 'safe', '--env', 'A_RATHER_LONG_VARIABLE_NAME');
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  test.each([120, 70, 50, 24])('%i columns are enough', async (columns) => {
    const terminal = atTerminal(home, ['status'], { NO_COLOR: '1' }, columns);
    expect(await terminal.ended).toBe(0);
    const lines = terminal.screen().trimEnd().split('\r\n');
    expect(lines[0]).toMatch(/^APP +ADD-ON/);
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(columns);
    expect(lines.some((line) => line.includes('…'))).toBe(columns === 70 || columns === 50);
  });

  test('a pipe is as wide as it takes', () => {
    expect(addons(home, 'status').stdout).toContain(
      'shop-0123456789-0123456789  drift  never     X_SAFE_URL, A_RATHER_LONG',
    );
  });

  test('drift is yellow', async () => {
    const terminal = atTerminal(home, ['status'], {}, 120);
    await terminal.ended;
    expect(terminal.screen()).toContain('\u001b[33mdrift\u001b[0m');
  });
});
