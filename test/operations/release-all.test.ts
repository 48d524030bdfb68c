import { expect, it } from 'vitest';
import { collect, failure, listener, platform } from './world.ts';

it('releases every app; a failure of one is among the results and stops no other', async () => {
  const { addons, app, enable, read } = platform();
  const { events, onProgress } = listener();
  await enable('vault');
  app('blog', 'gone;1;\n');
  for (let i = 10; i < 30; i++) app(`shop${i}`, `vault;${i};x\n`);
  app('zero');
  const ends = await collect(addons.releaseAll({ onProgress }));
  const failed = ends.filter((end) => 'error' in end);
  expect(failed).toMatchObject([{ app: 'blog', error: { code: 'release-failed' } }]);
  expect(ends.map((end) => end.app).sort()).toEqual(await addons.apps());
  expect(read('shop29', 'ENV')).toContain('safe.example/29');
  expect(events.at(-1)).toEqual({ type: 'count', message: 'Releasing', done: 22, total: 22 });
});

it('rewrites nothing the second time', async () => {
  const { addons, app, enable } = platform();
  await enable('vault');
  for (const name of ['a', 'b', 'c']) app(name, 'vault;1;x\n');
  await collect(addons.releaseAll());
  const outcomes = (await collect(addons.releaseAll())).map((end) => ('error' in end ? end.error : end.outcome));
  expect(outcomes).toEqual(['unchanged', 'unchanged', 'unchanged']);
});

it('has nothing to do on a platform without apps', async () => {
  const { addons } = platform();
  expect(await collect(addons.releaseAll())).toEqual([]);
});

it('stops as a whole at an abort', async () => {
  const { addons, app, enable } = platform();
  await enable('vault', { url: 'sleep 10' });
  for (const name of ['a', 'b', 'c']) app(name, 'vault;1;x\n');
  const aborting = new AbortController();
  setTimeout(() => aborting.abort(), 150);
  const releasing = collect(addons.releaseAll({ signal: aborting.signal }));
  expect(await failure(releasing)).toMatchObject({ code: 'aborted' });
});

it('ends cleanly for a caller who has seen enough', async () => {
  const { addons, app, enable } = platform();
  await enable('vault');
  for (let i = 0; i < 20; i++) app(`shop${i}`, 'vault;1;x\n');
  for await (const end of addons.releaseAll()) {
    expect(end).toMatchObject({ outcome: 'done' });
    break;
  }
});
