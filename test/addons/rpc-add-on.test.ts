import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { testAddon } from '../../lib/kit/test-addon.ts';
import { openPlatform } from '../../lib/open-platform.ts';
import { SCRIPT_PATH } from '../../lib/scripts/environment.ts';
import { collect } from '../operations/world.ts';
import { needs } from '../require.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/rpc-add-on', import.meta.url));
/** `node` is not everywhere where scripts look for it. */
const scriptPath = `${dirname(process.execPath)}:${SCRIPT_PATH}`;

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'rpc-add-on-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe.skipIf(!needs('python3')).each([
  ['gateway', /^https:\/\/app\d-\w+:[0-9a-f]{32}@gateway\.example\/$/],
  ['shelf', /^file:\/\/\/.*\/shelves\/app\d-\w+$/],
])('the example add-on %s', (name, url) => {
  const source = join(EXAMPLES, name);

  // The others start an interpreter hundreds of times.
  const CHECKS = ['provision-again', 'unprovision-again', 'url-gone', 'unsafe-ids', 'modes', 'disable-again'];

  test('keeps the contract as scripts, too', async () => {
    const ends = await collect(testAddon(source, { temporary: home, scriptPath, only: CHECKS }));
    expect(ends.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
    expect(ends.map(({ check }) => check)).toEqual(expect.arrayContaining(CHECKS));
  });

  test('answers for every app of a release by one process, as its scripts do one by one', async () => {
    const platform = openPlatform({ home, scriptPath });
    const { addonRoot, appDir } = platform.platform;
    cpSync(source, addonRoot(name), { recursive: true });
    const scripts = join(home, 'started');
    // The script url must not be asked: whoever calls it is told.
    const script = readFileSync(join(addonRoot(name), 'url'));
    writeFileSync(join(addonRoot(name), 'url'), `#!/bin/sh\necho "$0" >>${scripts}\nexit 1\n`);
    await platform.enable(name);
    const apps = Array.from({ length: 5 }, (_, i) => `app${i}`);
    for (const app of apps) mkdirSync(appDir(app), { recursive: true });
    for (const app of apps) await platform.add(app, name);
    const ends = await collect(platform.releaseAll());
    expect(ends.map((end) => ('outcome' in end ? end.outcome : end.error))).toEqual(apps.map(() => 'done'));
    expect((await platform.status(undefined, { health: true })).health).toEqual([{ addon: name, health: 'healthy' }]);
    const served = await Promise.all(apps.map((app) => platform.url(app, name)));
    for (const one of served) expect(one).toMatch(url);
    expect(() => readFileSync(scripts)).toThrow('ENOENT');
    // Without serve the scripts give the same.
    writeFileSync(join(addonRoot(name), 'url'), script);
    rmSync(join(addonRoot(name), 'serve'));
    expect(await Promise.all(apps.map((app) => platform.url(app, name)))).toEqual(served);
  });
});
