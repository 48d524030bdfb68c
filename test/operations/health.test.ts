import { expect, it, vi } from 'vitest';
import { addonsIfReadable } from '../../lib/state/app-files.ts';
import { platform } from './world.ts';

vi.mock('../../lib/state/app-files.ts', async (original) => {
  const actual = await original<typeof import('../../lib/state/app-files.ts')>();
  return { ...actual, addonsIfReadable: vi.fn(actual.addonsIfReadable) };
});

it('every ADDONS is read for what must not be shown: only after a failure, and once', async () => {
  const { addons, enable, install, app } = platform();
  const names = ['one', 'two', 'three'];
  for (const name of names) await enable(name, { health: ':' });
  app('shop', 'one;1;s3cret\n');
  app('blog', 'two;1;pa55word\n');
  const reads = async (health: boolean) => {
    vi.mocked(addonsIfReadable).mockClear();
    const result = await addons.status(undefined, { health });
    return { result, count: vi.mocked(addonsIfReadable).mock.calls.length };
  };
  const without = (await reads(false)).count;
  expect((await reads(true)).count).toBe(without);
  for (const name of names) install(name, { health: 'echo "s3cret pa55word" >&2; exit 1' });
  const { result, count } = await reads(true);
  expect(count - without).toBe(2); // one for each app
  expect(result.health?.map(({ addon, message }) => [addon, message?.split(': ')[1]])).toEqual([
    ['one', '[redacted] pa55word'],
    ['three', 's3cret pa55word'],
    ['two', 's3cret [redacted]'],
  ]);
});
