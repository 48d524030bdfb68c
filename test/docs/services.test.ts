import { cpSync, mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, processesOf } from '../operations/daemons-world.ts';
import { type Installed, install } from './installed.ts';
import { blocksOf, page, ROOT } from './pages.ts';

// What docs/services.md shows is typed here, word for word, below a temporary directory instead of /tmp/serve.

let place: Installed;
let walk: string;
beforeAll(async () => {
  place = await install();
  walk = mkdtempSync(join(place.dir, 'serve-'));
  cpSync(join(ROOT, 'examples'), join(place.dir, 'examples'), { recursive: true });
});
afterAll(() => {
  for (const pid of processesOf(join(walk, 'home/lib'))) process.kill(pid, 'SIGKILL'); // where the walk broke off
  place?.remove();
});

const steps = blocksOf(page('docs/services.md'))
  .filter(({ language }) => language === 'console')
  .flatMap(({ lines }) => {
    const found: { command: string; output: string }[] = [];
    for (const line of lines) {
      const last = found.at(-1);
      if (line.startsWith('$ ')) found.push({ command: line.slice(2), output: '' });
      else if (last) last.output += `${line}\n`;
    }
    return found;
  });

/** Pids and times are others each time, and a column is as wide as what stands in it. */
const normal = (text: string): string =>
  text
    .replaceAll(walk, '/tmp/serve')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'time')
    .replace(/\b(running |pid )\s*\d+/g, '$1n')
    .replace(/ +/g, ' ');

test('the walk-through does what the page shows', { timeout: 60_000 }, async () => {
  const env: Record<string, string> = {};
  expect(steps.length).toBeGreaterThan(15);
  for (const { command, output } of steps) {
    const line = command.replaceAll('/tmp/serve', walk);
    const [, name, value] = /^export (\w+)=(\S+)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) env[name] = value;
    // A reader is not faster than a server that starts.
    if (command.startsWith('addons logs')) await eventually(() => sockets().some((file) => file.endsWith('.sock')));
    const shown = await place.type(line, env);
    expect(normal(shown.output), command).toBe(normal(output));
    expect(shown.status, command).toBe(0);
  }
});

const sockets = (): string[] => readdirSync(join(walk, 'home/apps/.add-ons/hello/sockets'));
