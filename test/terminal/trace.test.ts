import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { needs } from '../require.ts';
import { addons, filesWith, install, newHome } from './home.ts';
import { atTerminal } from './terminal.ts';

// Put together by the shell: the text stands in no script.
const TRACED = '[ -z "$X_TRACE" ] || set -x; : "traced-$((6 * 7))"';
const MARK = 'traced-42';

describe.skipIf(!needs('script'))('--trace', () => {
  let home: string;
  beforeEach(async () => {
    home = await newHome();
    await install(home, 'vault', {
      enable: TRACED,
      provision: `${TRACED}\necho "shop-1;pass-word"`,
      url: `${TRACED}\necho "vault://user:$2@host"`,
      unprovision: TRACED,
    });
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  async function traced(...words: string[]) {
    const terminal = atTerminal(home, [...words, '--trace']);
    return { status: await terminal.ended, screen: terminal.screen() };
  }

  test("shows the scripts' commands after a warning, and nothing of it is stored", async () => {
    for (const words of [
      ['enable', 'vault'],
      ['add', 'shop', 'vault'],
      ['release', 'shop'],
      ['url', 'shop', 'vault'],
      ['remove', 'shop', 'vault', '--force'],
    ]) {
      const { status, screen } = await traced(...words);
      expect(screen).toMatch(new RegExp(`with the secrets in them; nothing of it is kept[^]*\\+ : ${MARK}`));
      expect(status).toBe(0);
      expect(filesWith(home, MARK)).toEqual([]);
    }
  });

  test('is not even stored while the script runs', async () => {
    addons(home, 'enable', 'vault');
    await install(home, 'vault', { provision: `${TRACED}\nsleep 1\necho "shop-1;pass-word"` });
    const terminal = atTerminal(home, ['add', 'shop', 'vault', '--trace']);
    await terminal.shows(MARK);
    expect(filesWith(home, 'shop').length).toBeGreaterThan(0); // the journal's entry is there
    expect(filesWith(home, MARK)).toEqual([]);
    expect(await terminal.ended).toBe(0);
  });

  test('of a script that fails is not stored either', async () => {
    addons(home, 'enable', 'vault');
    await install(home, 'vault', { provision: `${TRACED}\nexit 1` });
    const { status, screen } = await traced('add', 'shop', 'vault');
    expect(screen).toContain(`+ : ${MARK}`);
    expect(status).toBe(1);
    expect(filesWith(home, MARK)).toEqual([]);
  });

  test('without a terminal is refused with a warning: the trace would end in a log', () => {
    const { status, stderr } = addons(home, 'enable', 'vault', '--trace');
    expect(status).toBe(0);
    expect(stderr).toContain('--trace needs a terminal');
    expect(stderr).not.toContain(MARK);
    expect(filesWith(home, MARK)).toEqual([]);
  });
});
