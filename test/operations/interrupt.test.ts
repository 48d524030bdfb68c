import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { isRunning } from '../scripts/fixtures/place.ts';
import { failure, listener, platform, type World } from './world.ts';

const SLOW = 'echo $$ >"$ADDON_DATA/pid"; sleep 30 & echo $! >>"$ADDON_DATA/pid"; wait';

/** The script and its child, once they run. */
async function pids({ addons }: World): Promise<number[]> {
  for (;;) {
    try {
      const text = readFileSync(join(addons.platform.addonData('vault'), 'pid'), 'utf8');
      if (text.split('\n').length === 3) return text.trim().split('\n').map(Number);
    } catch {
      // not there yet
    }
    await pause(10);
  }
}

async function abortedWhile(world: World, call: (signal: AbortSignal) => Promise<unknown>) {
  const aborting = new AbortController();
  const calling = failure(call(aborting.signal));
  const running = await pids(world);
  aborting.abort(new Error('enough'));
  const error = await calling;
  expect(running.filter(isRunning)).toEqual([]);
  return error;
}

it('an abort during provision kills its process group, and the next add runs it again', async () => {
  const world = platform();
  const { addons, app, enable, install, journal, ledger } = world;
  await enable('vault', { provision: SLOW });
  app('shop');
  const error = await abortedWhile(world, (signal) => addons.add('shop', 'vault', { signal }));
  expect(error).toMatchObject({
    code: 'aborted',
    message: expect.stringContaining('provision of vault was interrupted'),
  });
  expect(journal()).toHaveLength(1);
  install('vault', { provision: 'echo empty >"$ADDON_DATA/ledger/$ADDONS_OP_ID"; echo "$ADDONS_OP_ID;x"' });
  await addons.add('shop', 'vault');
  expect([journal(), ledger('vault').length]).toEqual([[], 1]);
});

it('an abort during a provision that is not safe to run again leaves it to a person', async () => {
  const world = platform();
  const { addons, app, enable } = world;
  await enable('vault', { provision: SLOW, 'addon.toml': '' });
  app('shop');
  const error = await abortedWhile(world, (signal) => addons.add('shop', 'vault', { signal }));
  expect(error).toMatchObject({ code: 'quarantined', message: expect.stringContaining('it may have made a resource') });
});

it('an abort during unprovision keeps the line, and the next command goes on', async () => {
  const world = platform();
  const { addons, app, enable, install, read, journal } = world;
  await enable('vault', { unprovision: SLOW });
  app('shop');
  await addons.add('shop', 'vault');
  const error = await abortedWhile(world, (signal) => addons.remove('shop', 'vault', { signal }));
  expect(error.code).toBe('aborted');
  expect([read('shop', 'ADDONS') === '', journal().length]).toEqual([false, 1]);
  install('vault', { unprovision: 'exit 0' });
  await addons.release('shop');
  expect([read('shop', 'ADDONS'), journal()]).toEqual(['', []]);
});

it('an abort during enable leaves it disabled, one during disable keeps adds out', async () => {
  const world = platform();
  const { addons, install, journal, app } = world;
  app('shop');
  install('vault', { enable: SLOW });
  expect(await abortedWhile(world, (signal) => addons.enable('vault', { signal }))).toMatchObject({ code: 'aborted' });
  expect([journal(), (await addons.info('vault')).enabled]).toEqual([[], false]);
  install('vault', { enable: 'rm "$ADDON_DATA/pid"', disable: SLOW });
  await addons.enable('vault');
  expect(await abortedWhile(world, (signal) => addons.disable('vault', { signal }))).toMatchObject({ code: 'aborted' });
  expect(journal()).toHaveLength(1);
  install('vault', { disable: 'exit 0' });
  expect(await failure(addons.add('shop', 'vault'))).toMatchObject({ code: 'not-enabled' });
  expect((await addons.info('vault')).enabled).toBe(false);
});

it('an abort during url leaves ENV as it is', async () => {
  const world = platform();
  const { addons, app, enable, read } = world;
  await enable('vault', { url: SLOW });
  app('shop', 'vault;1;x\n');
  expect(await abortedWhile(world, (signal) => addons.release('shop', { signal }))).toMatchObject({ code: 'aborted' });
  expect(read('shop', 'ENV')).toBe('');
});

it('an abort before it began runs nothing', async () => {
  const { addons, app, enable, ran, journal } = platform();
  await enable('vault');
  app('shop', 'vault;1;x\n');
  app('blog');
  const signal = AbortSignal.abort();
  for (const call of [
    () => addons.add('blog', 'vault', { signal }),
    () => addons.remove('shop', 'vault', { signal }),
    () => addons.release('shop', { signal }),
    () => addons.url('shop', 'vault', { signal }),
    () => addons.disable('vault', { signal, force: true }),
  ]) {
    expect((await failure(call())).code).toBe('aborted');
  }
  expect([ran('vault'), journal()]).toEqual([['enable'], []]);
});

it('a script that takes longer than the caller allows is killed, and the error says so', async () => {
  const world = platform();
  const { addons, app, enable, install } = world;
  await enable('vault', { provision: SLOW, url: 'sleep 30' });
  app('shop');
  app('blog', 'vault;1;x\n');
  const begun = Date.now();
  expect(await failure(addons.add('shop', 'vault', { timeout: 0.3 }))).toMatchObject({
    code: 'script-timeout',
    message: expect.stringContaining('took too long and was killed'),
  });
  expect((await pids(world)).filter(isRunning)).toEqual([]);
  expect((await failure(addons.release('blog', { timeout: 0.3 }))).details.failures).toMatchObject([
    { code: 'script-timeout' },
  ]);
  expect(Date.now() - begun).toBeLessThan(20_000);
  install('vault', { 'addon.toml': '[timeouts]\nurl = 0.3' });
  expect((await failure(addons.url('blog', 'vault'))).code).toBe('script-timeout');
});

it('a provision that floods its output is killed', async () => {
  const { addons, app, enable } = platform();
  await enable('vault', { provision: 'yes' });
  app('shop');
  const error = await failure(addons.add('shop', 'vault'));
  expect(error.message).toContain('wrote far too much output and was killed');
});

it('waits no longer for another process than the caller allows, and names it', async () => {
  const world = platform();
  const { addons, app, enable, open } = world;
  const { events, onProgress } = listener();
  await enable('vault', { provision: SLOW });
  app('shop');
  const aborting = new AbortController();
  const adding = failure(addons.add('shop', 'vault', { signal: aborting.signal }));
  await pids(world);
  expect(await failure(open().add('shop', 'vault', { wait: 0.1, onProgress }))).toMatchObject({
    code: 'busy',
    message: expect.stringMatching(
      new RegExp(
        `^Another process is at work on add vault for shop .*\\(process ${process.pid} since \\d{4}-.*Z\\)\\.$`,
      ),
    ),
    hint: expect.stringContaining('--wait'),
  });
  expect(events).toEqual([{ type: 'waiting', message: 'Waiting for the add of vault for shop under way' }]);
  expect(await failure(open({ wait: 0 }).remove('shop', 'vault'))).toMatchObject({ code: 'busy' });
  aborting.abort();
  await adding;
});

it('an abort ends the waiting for another process', async () => {
  const world = platform();
  const { addons, app, enable, open } = world;
  await enable('vault', { provision: SLOW });
  app('shop');
  const aborting = new AbortController();
  const adding = failure(addons.add('shop', 'vault', { signal: aborting.signal }));
  await pids(world);
  expect(await failure(open().add('shop', 'vault', { signal: AbortSignal.timeout(100) }))).toMatchObject({
    code: 'aborted',
    message: 'Interrupted while waiting for another process.',
  });
  aborting.abort();
  await adding;
});
