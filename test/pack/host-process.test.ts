import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const LIBRARY = new URL('../../dist/index.js', import.meta.url).href;

test('the library leaves the signals, timers and standard streams of its host alone', () => {
  const home = mkdtempSync(join(tmpdir(), 'host-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  mkdirSync(join(home, 'apps/shop'), { recursive: true });
  const program = `
    import { openPlatform } from ${JSON.stringify(LIBRARY)};
    const platform = openPlatform({ home: ${JSON.stringify(home)} });
    await platform.enable('db');
    await platform.add('shop', 'db');
    await platform.release('shop');
    const signals = process.eventNames().filter((name) => String(name).startsWith('SIG'));
    console.log(JSON.stringify({ signals, active: process.getActiveResourcesInfo().filter((name) => name === 'Timeout') }));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect(JSON.parse(output)).toEqual({ signals: [], active: [] });
});
