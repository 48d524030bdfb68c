import { readdirSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { needs } from '../require.ts';
import { addons, install, newHome } from './home.ts';
import { atTerminal, CTRL_C } from './terminal.ts';

// Each resource is a file named after its operation. The hanging one has told its id when it is interrupted.
const BEGIN = 'echo "$ADDONS_OP_ID;pw"\n: >"$ADDON_DATA/made-$ADDONS_OP_ID"\n';
const HANG = 'sleep 300 &\necho "$$ $!" >"$ADDON_DATA/pids"\nwait';
const UNPROVISION = 'rm -f "$ADDON_DATA/made-$1"';

describe.skipIf(!needs('script'))('Ctrl-C while a database is made', () => {
  let home: string;
  beforeEach(async () => {
    home = await newHome();
    await install(home, 'slow', { provision: BEGIN + HANG, unprovision: UNPROVISION, url: 'echo slow://shop' });
    addons(home, 'enable', 'slow');
  });
  afterEach(async () => {
    for (const pid of pids()) if (runs(pid)) process.kill(pid, 'SIGKILL');
    await rm(home, { recursive: true, force: true });
  });

  const data = () => join(home, 'apps/.add-ons/slow');
  const made = () => readdirSync(data()).filter((name) => name.startsWith('made-'));

  function pids(): number[] {
    try {
      return readFileSync(join(data(), 'pids'), 'utf8').trim().split(' ').map(Number);
    } catch {
      return []; // not written yet
    }
  }

  async function interrupted() {
    const terminal = atTerminal(home, ['add', 'shop', 'slow']);
    await expect.poll(pids, { timeout: 60_000 }).toHaveLength(2);
    terminal.type(CTRL_C);
    return { status: await terminal.ended, screen: terminal.screen() };
  }

  test('ends the script with all that it started', async () => {
    const { status, screen } = await interrupted();
    expect(screen).toContain('Interrupted');
    expect(status).toBe(130);
    expect(pids().filter(runs)).toEqual([]);
  });

  test('ends one that will not hear', async () => {
    await install(home, 'slow', { provision: `trap "" TERM INT\n${BEGIN}${HANG}`, unprovision: UNPROVISION });
    const { status } = await interrupted();
    expect(status).toBe(130);
    expect(pids().filter(runs)).toEqual([]);
  });

  test('loses nothing: the next command settles what was begun', async () => {
    await interrupted();
    await install(home, 'slow', { provision: BEGIN, unprovision: UNPROVISION, url: 'echo slow://shop' });
    expect(addons(home, 'add', 'shop', 'slow')).toMatchObject({ status: 0 });
    expect(made()).toHaveLength(1);
    expect(addons(home, 'shop').stdout).toContain(made()[0]?.replace('made-', ''));
    expect(addons(home, 'check')).toMatchObject({ status: 0 });
  });

  test('of the release leaves ENV as it was', async () => {
    await install(home, 'slow', { provision: BEGIN, unprovision: UNPROVISION, url: HANG });
    addons(home, 'add', 'shop', 'slow');
    const env = join(home, 'apps/shop/ENV');
    await writeFile(env, 'MINE=1\n');
    const terminal = atTerminal(home, ['release', 'shop']);
    await expect.poll(pids, { timeout: 60_000 }).toHaveLength(2);
    terminal.type(CTRL_C);
    expect(await terminal.ended).toBe(130);
    expect(readFileSync(env, 'utf8')).toBe('MINE=1\n');
    expect(pids().filter(runs)).toEqual([]);
  });
});

function runs(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}
