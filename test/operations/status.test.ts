import { appendFileSync, chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Addons } from '../../lib/operations/results.ts';
import { leave } from './journal.ts';
import { failure, platform, type World } from './world.ts';

const states = async (addons: Addons, app?: string) =>
  (await addons.status(app)).apps.map((one) => [one.app, one.resources.map(({ addon, state }) => `${addon} ${state}`)]);

/** The app `shop` has `vault` under two names, released. */
async function released(): Promise<World & { dir: string; env: string }> {
  const world = platform();
  await world.enable('vault');
  const dir = world.app('shop', 'vault;1;s3cret\n');
  writeFileSync(join(dir, 'ADDONS.env'), 'vault;SAFE_URL\n', { mode: 0o600 });
  await world.addons.release('shop');
  return { ...world, dir, env: world.read('shop', 'ENV') };
}

it('tells of each app what it has and when it was released, and no secret', async () => {
  const { addons, app } = await released();
  app('blog');
  const result = await addons.status();
  expect(result).toEqual({
    apps: [
      { app: 'blog', resources: [], malformed: [] },
      {
        app: 'shop',
        released: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        resources: [{ addon: 'vault', id: '1', configVar: 'X_VAULT_URL', env: ['SAFE_URL'], state: 'ok' }],
        malformed: [],
      },
    ],
  });
  expect(JSON.stringify(result)).not.toContain('s3cret');
});

it('tells of one app alone', async () => {
  const { addons, app } = await released();
  app('blog');
  expect((await addons.status('shop')).apps.map((one) => one.app)).toEqual(['shop']);
  expect(await failure(addons.status('shp'))).toMatchObject({ code: 'app-not-found' });
});

it('runs no script and changes nothing', async () => {
  const { addons, tree, ran } = await released();
  const before = [tree(), ran('vault')];
  await addons.status();
  expect([tree(), ran('vault')]).toEqual(before);
});

it('knows the time of the last release, changed or not', async () => {
  const { addons, app } = platform();
  app('shop', '');
  expect((await addons.status()).apps[0]).not.toHaveProperty('released');
  const at = async () => {
    const before = Date.now();
    await addons.release('shop');
    const { released = '' } = (await addons.status()).apps[0] ?? {};
    // File systems cut times off, to a second at most.
    expect(Date.parse(released)).toBeGreaterThan(before - 1001);
    expect(Date.parse(released)).toBeLessThanOrEqual(Date.now());
    return Date.parse(released);
  };
  const first = await at();
  expect(await at()).toBeGreaterThanOrEqual(first);
});

describe('drift is', () => {
  it.each<[string, (world: Awaited<ReturnType<typeof released>>) => void]>([
    ['a standard variable that ENV lacks', ({ dir }) => writeFileSync(join(dir, 'ENV'), "export SAFE_URL='x'\n")],
    ['an ENV that is gone', ({ dir }) => rmSync(join(dir, 'ENV'))],
    ['an extra name that ENV lacks', ({ dir }) => appendFileSync(join(dir, 'ADDONS.env'), 'vault;NEW\n')],
    [
      'an extra name of another value',
      ({ dir, env }) => writeFileSync(join(dir, 'ENV'), env.replace(/(SAFE_URL='.*)'/, "$1/other'")),
    ],
    [
      'an ENV that cannot be read',
      ({ dir }) => {
        rmSync(join(dir, 'ENV'));
        symlinkSync('/dev/null', join(dir, 'ENV'));
      },
    ],
    [
      'an ADDONS.env that cannot be read',
      ({ dir }) => {
        rmSync(join(dir, 'ADDONS.env'));
        mkdirSync(join(dir, 'ADDONS.env'));
      },
    ],
  ])('%s', async (_, spoil) => {
    const world = await released();
    spoil(world);
    expect(await states(world.addons)).toEqual([['shop', ['vault drift']]]);
  });

  it('no value that only the url script knows better', async () => {
    const { addons, install } = await released();
    install('vault', { url: 'echo vault://moved' });
    expect(await states(addons)).toEqual([['shop', ['vault ok']]]);
  });

  it('less than what stands in the way of the resource', async () => {
    const { addons, dir } = await released();
    rmSync(join(dir, 'ENV'));
    rmSync(addons.platform.marker('vault'));
    expect(await states(addons)).toEqual([['shop', ['vault disabled']]]);
    leave(addons, { kind: 'remove', addon: 'vault', app: 'shop', resource: '1' });
    expect(await states(addons)).toEqual([['shop', ['vault removing']]]);
  });

  it('gone after a release', async () => {
    const { addons, dir } = await released();
    rmSync(join(dir, 'ENV'));
    await addons.release('shop');
    expect(await states(addons)).toEqual([['shop', ['vault ok']]]);
  });
});

it('goes on where the files of one app cannot be read', async () => {
  const { addons, app } = await released();
  symlinkSync('/dev/null', join(app('blog'), 'ADDONS'));
  app('tore', 'oops\n');
  expect((await addons.status()).apps.map(({ app, malformed }) => [app, malformed.map(({ line }) => line)])).toEqual([
    ['blog', [0]],
    ['shop', []],
    ['tore', [1]],
  ]);
});

describe('health', () => {
  it('is what the script of each enabled add-on says', async () => {
    const { addons, enable, install, app } = platform();
    await enable('fine', { health: 'test "$ADDON" = fine && echo ok' });
    await enable('ill', { health: 'echo first >&2; echo no connection >&2; exit 1' });
    await enable('mute', { health: undefined });
    install('off', { health: 'exit 1' });
    app('shop', 'fine;1;\noff;2;\n');
    expect((await addons.status(undefined, { health: true })).health).toEqual([
      { addon: 'fine', health: 'healthy' },
      { addon: 'ill', health: 'unhealthy', message: 'health of ill failed with exit status 1: no connection' },
      { addon: 'mute', health: 'none' },
    ]);
    expect((await addons.status('shop', { health: true })).health).toEqual([{ addon: 'fine', health: 'healthy' }]);
    expect(await addons.status()).not.toHaveProperty('health');
  });

  it('does not give away a secret', async () => {
    const { addons, enable, app } = platform();
    await enable('vault', { health: 'echo "denied: s3cret open-sesame x://u:pw@h" >&2; exit 1' });
    app('shop', 'vault;1;s3cret\n');
    const [{ message } = { message: '' }] = (await addons.status('shop', { health: true })).health ?? [];
    expect(message).toContain('denied: [redacted] [redacted] x://u:[redacted]@h');
  });

  it('is bad where the script hangs, or cannot be run', async () => {
    const { addons, enable } = platform();
    await enable('hangs', { health: 'sleep 60', 'addon.toml': '[timeouts]\nhealth = 1\n' });
    await enable('plain', { health: ':' });
    chmodSync(join(addons.platform.addonRoot('plain'), 'health'), 0o644);
    expect((await addons.status(undefined, { health: true })).health).toMatchObject([
      { addon: 'hangs', health: 'unhealthy', message: 'health of hangs took too long and was killed.' },
      { addon: 'plain', health: 'unhealthy', message: expect.stringContaining('is not executable') },
    ]);
  });

  it('is asked of several at the same time', async () => {
    const { addons, enable } = platform();
    // Each waits until the other has begun.
    const meet = (other: string) =>
      `touch "$ADDON_DATA/here"; while ! [ -e "$ADDON_DATA/../${other}/here" ]; do sleep 0.01; done`;
    await enable('one', { health: meet('two') });
    await enable('two', { health: meet('one') });
    if (availableParallelism() < 2) return; // one after the other there
    expect((await addons.status(undefined, { health: true })).health).toMatchObject([
      { health: 'healthy' },
      { health: 'healthy' },
    ]);
  });

  it('stops at an abort', async () => {
    const { addons, enable } = platform();
    await enable('slow', { health: 'sleep 60' });
    const signal = AbortSignal.timeout(100);
    expect(await failure(addons.status(undefined, { health: true, signal }))).toMatchObject({ code: 'aborted' });
  });
});
