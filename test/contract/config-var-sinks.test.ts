import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { dokkuConfigVars } from '../../lib/dokku/config-var-sink.ts';
import { openPlugn } from '../../lib/dokku/plugn.ts';
import { describePlatform } from '../../lib/platform.ts';
import { findApp } from '../../lib/state/apps.ts';
import type { ConfigVarSink } from '../../lib/state/config-var-sink.ts';
import { nodeDisk } from '../../lib/state/disk.ts';
import { envFileSink } from '../../lib/state/env-file-sink.ts';
import { makeDokku } from '../dokku/world.ts';

// What every sink for config vars does, wherever it keeps them.

interface Place {
  sink: ConfigVarSink;
  app: ReturnType<typeof findApp>;
  /** As somebody else, who knows nothing of us. */
  setByOthers(key: string, value: string): void;
  /** Equal where nothing was written. */
  state(): string;
}

const homes: string[] = [];

function envFile(): Place {
  const home = mkdtempSync(join(tmpdir(), 'sink-'));
  homes.push(home);
  const platform = describePlatform({ home });
  mkdirSync(platform.appDir('shop'), { recursive: true });
  const path = join(platform.appDir('shop'), 'ENV');
  const text = () => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  };
  return {
    sink: envFileSink(nodeDisk),
    app: findApp(platform, 'shop'),
    setByOthers: (key, value) => writeFileSync(path, `${text()}${key}='${value}'\n`),
    state: text,
  };
}

function dokku(): Place {
  const world = makeDokku();
  homes.push(join(world.root, '..'));
  world.done(['apps:create', 'shop']);
  mkdirSync(world.directory('shop'), { recursive: true });
  const platform = describePlatform({ name: 'dokku', appsRoot: join(world.libRoot, 'data', 'addons') });
  const plugins = { PLUGIN_PATH: join(world.libRoot, 'plugins') };
  const core = { PLUGIN_CORE_AVAILABLE_PATH: join(world.libRoot, 'core-plugins', 'available') };
  const plugn = openPlugn({ env: { ...world.env, ...plugins, ...core }, outputs: join(world.libRoot, 'outputs') });
  return {
    sink: dokkuConfigVars(plugn, world.root),
    app: findApp(platform, 'shop'),
    setByOthers: (key, value) => world.setConfig('shop', key, value),
    state: () => JSON.stringify(world.config('shop')),
  };
}

afterAll(() => {
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

describe.each([
  ['the file ENV', envFile],
  ["Dokku's configuration", dokku],
])('%s', (_, make) => {
  let place: Place;
  beforeEach(() => {
    place = make();
  });

  it('is empty where nothing was ever set', async () => {
    expect((await place.sink.read(place.app)).values).toEqual(new Map());
  });

  it('sets and drops what is ours, and leaves what belongs to others', async () => {
    const { sink, app } = place;
    place.setByOthers('PORT', '5000');
    expect(
      await sink.change(
        app,
        new Map([
          ['X_DB_URL', 'db://1'],
          ['X_MQ_URL', 'mq://1'],
        ]),
      ),
    ).toBe(true);
    expect((await sink.read(app)).values).toEqual(
      new Map([
        ['PORT', '5000'],
        ['X_DB_URL', 'db://1'],
        ['X_MQ_URL', 'mq://1'],
      ]),
    );
    expect(
      await sink.change(
        app,
        new Map([
          ['X_DB_URL', 'db://2'],
          ['X_MQ_URL', undefined],
        ]),
      ),
    ).toBe(true);
    expect((await sink.read(app)).values).toEqual(
      new Map([
        ['PORT', '5000'],
        ['X_DB_URL', 'db://2'],
      ]),
    );
  });

  it('writes nothing where all is so already', async () => {
    const { sink, app } = place;
    await sink.change(app, new Map([['X_DB_URL', 'db://1']]));
    const [before, { version }] = [place.state(), await sink.read(app)];
    expect(
      await sink.change(
        app,
        new Map([
          ['X_DB_URL', 'db://1'],
          ['X_GONE_URL', undefined],
        ]),
      ),
    ).toBe(false);
    expect([place.state(), (await sink.read(app)).version]).toEqual([before, version]);
  });

  it('has another version once somebody changed something', async () => {
    const { sink, app } = place;
    const { version } = await sink.read(app);
    place.setByOthers('PORT', '5000');
    const changed = await sink.read(app);
    expect(changed.version).not.toBe(version);
    expect((await sink.read(app)).version).toBe(changed.version);
  });

  it('reads back what URLs may hold', async () => {
    const { sink, app } = place;
    const value = 'db://me:%27$HOME"`#;&|*? a=b@[::1]:5432/größe?x=1#y';
    await sink.change(app, new Map([['X_DB_URL', value]]));
    expect((await sink.read(app)).values.get('X_DB_URL')).toBe(value);
  });

  it.each([
    ['a name that is none', 'X-DB', 'v', 'usage'],
    ['a single quote', 'X_DB_URL', "a'b", 'malformed'],
    ['a backslash', 'X_DB_URL', 'a\\b', 'malformed'],
    ['a line break', 'X_DB_URL', 'a\nb', 'malformed'],
  ])('refuses %s, and changes nothing with it', async (_, key, value, code) => {
    const { sink, app } = place;
    const changes = new Map([
      ['X_MQ_URL', 'mq://1'],
      [key, value],
    ]);
    await expect(sink.check(app, changes)).rejects.toMatchObject({ code });
    await expect(sink.change(app, changes)).rejects.toMatchObject({ code });
    expect((await sink.read(app)).values).toEqual(new Map());
  });

  it('changes nothing when it is only asked', async () => {
    const { sink, app } = place;
    await sink.check(app, new Map([['X_DB_URL', 'db://1']]));
    expect((await sink.read(app)).values).toEqual(new Map());
  });

  it('says where it is', () => {
    expect(place.sink.place(place.app)).toMatch(/shop/);
  });
});
