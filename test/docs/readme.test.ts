import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Installed, install } from './installed.ts';
import { type Block, blocksOf, page } from './pages.ts';

// What the README shows is typed here, word for word, in a temporary home instead of /tmp/tour.

let place: Installed;
beforeAll(async () => {
  place = await install();
});
afterAll(() => place?.remove()); // not there if the build failed

const blocks = blocksOf(page('README.md'));

test('the tour does what the README shows', async () => {
  const home = newHome();
  const env: Record<string, string> = {};
  const steps = blocks.filter(({ language }) => language === 'console').flatMap(stepsOf);
  expect(steps.length).toBeGreaterThan(10);
  for (const { command, output } of steps) {
    const line = command.replaceAll('/tmp/tour', home);
    const [, name, value] = /^export (\w+)=(\S+)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) env[name] = value;
    const shown = await place.type(line, env);
    expect(normal(shown.output.replaceAll(home, '/tmp/tour')), command).toBe(normal(output));
    expect(shown.status, command).toBe(output.startsWith(' !') ? 4 : 0);
  }
  rmSync(home, { recursive: true });
});

describe('copied from the README', () => {
  let home = '';
  beforeAll(() => {
    home = newHome();
    mkdirSync(join(home, 'apps', 'shop'), { recursive: true });
  });

  test('the library example works', async () => {
    const script = blockWith('js', 'openPlatform').lines.join('\n').replaceAll('/tmp/tour', home);
    writeFileSync(join(place.dir, 'example.mjs'), script);
    expect(await place.type('node example.mjs')).toEqual({ status: 0, output: '' });
    expect(readFileSync(join(home, 'apps', 'shop', 'ENV'), 'utf8')).toMatch(/^export X_DB_URL='sqlite:\/\//);
  });

  test('the deploy hook starts the app with its variables, and nothing when the release fails', async () => {
    const hook = blockWith('sh', 'exec "$2"').lines;
    expect(hook).toHaveLength(5);
    writeFileSync(join(place.dir, 'hook'), `${hook.join('\n')}\n`, { mode: 0o755 });
    const started = await place.type('./hook shop env', { ADDONS_HOME: home });
    expect(started).toMatchObject({ status: 0, output: expect.stringMatching(/^X_DB_URL=sqlite:\/\//m) });
    writeFileSync(join(home, 'apps', 'shop', 'ADDONS'), 'db;gone;\n');
    const refused = await place.type('./hook shop env', { ADDONS_HOME: home });
    expect(refused).toMatchObject({ status: 1, output: expect.not.stringContaining('X_DB_URL=') });
  });
});

/** In the README an id is one of many: the next has other letters. */
const normal = (text: string): string => text.replace(/shop-[0-9a-z]{20}/g, 'shop-ID').trimEnd();

const newHome = (): string => mkdtempSync(join(place.dir, 'home-'));

function stepsOf({ lines }: Block): { command: string; output: string }[] {
  return lines
    .join('\n')
    .split(/^\$ /m)
    .filter((step) => step !== '')
    .map((step) => {
      const [command = '', ...output] = step.split('\n');
      return { command, output: output.join('\n') };
    });
}

function blockWith(language: string, text: string): Block {
  const found = blocks.find((block) => block.language === language && block.lines.join('\n').includes(text));
  if (found === undefined) throw new Error(`The README has no ${language} block with ${text}`);
  return found;
}
