import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runInForeground } from '../../lib/cli/foreground.ts';

test('finds the program in the given PATH, as a shell would: what cannot be executed is passed over', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'addons-foreground-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  for (const [name, mode] of Object.entries({ closed: 0o644, first: 0o755, second: 0o755 })) {
    await mkdir(join(dir, name));
    await writeFile(join(dir, name, 'tool'), `#!/bin/sh\nexit ${name === 'first' ? 7 : 8}\n`, { mode });
  }
  await mkdir(join(dir, 'directory/tool'), { recursive: true });
  const run = (directories: string[] | undefined, program = 'tool', env = {}) =>
    runInForeground({ program, words: [], path: directories?.map((one) => join(dir, one)).join(':'), env });
  expect(await run(['none', 'directory', 'closed', 'first', 'second'])).toBe(7);
  expect(await run(['second', 'first'], 'tool', { PATH: join(dir, 'first') })).toBe(8);
  expect(await run(['none'], 'tool', { PATH: join(dir, 'first') })).toMatchObject({ status: 127 });
  expect(await run(['none', 'closed'])).toMatchObject({ status: 126 });
  expect(await run([''], join(dir, 'first/tool'))).toBe(7);
  expect(await run(undefined, 'true')).toBe(0);
  expect(await run(['first'], '')).toMatchObject({ status: 127 });
});
