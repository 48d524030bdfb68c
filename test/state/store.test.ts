import { chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { describePlatform, type Platform } from '../../lib/platform.ts';
import { allApps, findApp, followApp } from '../../lib/state/apps.ts';
import { nodeDisk } from '../../lib/state/disk.ts';
import { isEnabled, setEnabled, unsetEnabled } from '../../lib/state/markers.ts';
import { bumpStamp, readStamp } from '../../lib/state/stamps.ts';
import { openStore, prepareAddonData, prepareStore, type Store } from '../../lib/state/store.ts';

const isRoot = process.getuid?.() === 0;
let platform: Platform;
let store: Store;

beforeEach(() => {
  const home = mkdtempSync(join(tmpdir(), 'store-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  platform = describePlatform({ home });
  store = openStore(platform, nodeDisk);
});

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

function shop() {
  mkdirSync(platform.appDir('shop'), { recursive: true });
  return findApp(platform, 'shop');
}

describe('the directories of a platform', () => {
  it('are private where they may hold secrets, and made as often as asked', () => {
    prepareStore(store);
    prepareStore(store);
    const { libRoot, addonsRoot, journal, locks, stamps, outputs } = platform;
    expect([libRoot, addonsRoot].map(modeOf)).toEqual(['755', '755']);
    expect([journal, locks, stamps, outputs].map(modeOf)).toEqual(['700', '700', '700', '700']);
    prepareAddonData(store, 'db');
    prepareAddonData(store, 'db');
    expect(modeOf(platform.addonData('db'))).toBe('755');
  });

  it.skipIf(!isRoot)("are given to the platform's own user (as root)", () => {
    for (const root of [platform.libRoot, platform.appsRoot]) {
      mkdirSync(root);
      chownSync(root, 65534, 65534);
    }
    const opened = openStore(platform, nodeDisk);
    prepareStore(opened);
    prepareAddonData(opened, 'db');
    bumpStamp(opened, shop());
    const paths = [platform.journal, platform.locks, platform.addonsRoot, platform.addonData('db')];
    const stamp = join(platform.stamps, shop().key);
    expect([...paths, stamp].map((path) => statSync(path).uid)).toEqual([65534, 65534, 65534, 65534, 65534]);
  });

  it('cannot lie below a file, and the error names it', () => {
    writeFileSync(platform.libRoot, '');
    expect(() => prepareStore(store)).toThrow(expect.objectContaining({ name: 'AddonsError' }));
    mkdirSync(platform.appsRoot);
    writeFileSync(join(platform.appsRoot, '.add-ons'), '');
    expect(() => prepareAddonData(store, 'db')).toThrow(`Cannot use ${platform.addonData('db')}: ENOTDIR.`);
  });
});

describe('an app', () => {
  it('is its directory, whatever its name becomes', () => {
    const app = shop();
    symlinkSync(app.dir, platform.appDir('alias'));
    expect(findApp(platform, 'alias').key).toBe(app.key);
    rmSync(platform.appDir('alias'));
    expect(followApp(platform, { name: 'other', key: app.key })?.name).toBe('shop');
    rmSync(app.dir, { recursive: true });
    expect(followApp(platform, app)).toBeUndefined();
  });

  it('whose directory cannot be looked at is an error that names it', () => {
    mkdirSync(platform.appsRoot);
    symlinkSync('loop', platform.appDir('loop'));
    expect(() => findApp(platform, 'loop')).toThrow(`Cannot use ${platform.appDir('loop')}: ELOOP.`);
  });

  it('is no file', () => {
    mkdirSync(platform.appsRoot);
    writeFileSync(platform.appDir('file'), '');
    expect(() => findApp(platform, 'file')).toThrow(expect.objectContaining({ code: 'app-not-found' }));
    expect(allApps(platform)).toEqual([]);
  });
});

describe('the marker of an add-on', () => {
  it('is there exactly while it is enabled', async () => {
    prepareAddonData(store, 'db');
    expect(isEnabled(store, 'db')).toBe(false);
    await setEnabled(store, 'db');
    const { ino } = statSync(platform.marker('db'));
    await setEnabled(store, 'db');
    expect([isEnabled(store, 'db'), statSync(platform.marker('db')).ino]).toEqual([true, ino]);
    await unsetEnabled(store, 'db');
    await unsetEnabled(store, 'db');
    expect(isEnabled(store, 'db')).toBe(false);
  });
});

describe('the stamp of an app', () => {
  it('is another after every release', () => {
    prepareStore(store);
    const app = shop();
    const stamps = [readStamp(store, app)];
    for (const _ of [1, 2]) {
      bumpStamp(store, app);
      stamps.push(readStamp(store, app));
    }
    expect([stamps[0], new Set(stamps).size, modeOf(join(platform.stamps, app.key))]).toEqual(['', 3, '600']);
  });

  it('that cannot be read or written is an error that names the path', () => {
    prepareStore(store);
    const app = shop();
    rmSync(platform.stamps, { recursive: true });
    writeFileSync(platform.stamps, '');
    const path = join(platform.stamps, app.key);
    expect(() => readStamp(store, app)).toThrow(`Cannot use ${path}: ENOTDIR.`);
    expect(() => bumpStamp(store, app)).toThrow(`Cannot use ${path}: ENOTDIR.`);
  });
});
