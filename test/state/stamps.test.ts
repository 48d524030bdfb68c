import { existsSync, lstatSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findApp } from '../../lib/state/apps.ts';
import { nodeDisk } from '../../lib/state/disk.ts';
import { bumpStamp, readStamp, releasedAt } from '../../lib/state/stamps.ts';
import { openStore } from '../../lib/state/store.ts';
import { platform } from '../operations/world.ts';
import { needs } from '../require.ts';

const OWNER = { uid: 65534, gid: 65534 };

async function world() {
  const { addons, app, enable, home } = platform();
  await enable('vault');
  app('shop');
  const store = { ...openStore(addons.platform, nodeDisk), ...(needs('root') && { libOwner: OWNER }) };
  const shop = findApp(addons.platform, 'shop');
  return { store, shop, path: join(addons.platform.stamps, shop.key), home };
}

it('each is another, and tells when it was', async () => {
  const { store, shop, path } = await world();
  expect([readStamp(store, shop), releasedAt(store, shop)]).toEqual(['', undefined]);
  const seen = new Set<string>();
  for (let i = 0; i < 5; i++) {
    bumpStamp(store, shop);
    seen.add(readStamp(store, shop));
  }
  expect(seen.size).toBe(5);
  expect(Math.abs((releasedAt(store, shop)?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
  expect([lstatSync(path).mode & 0o777, lstatSync(path).uid]).toEqual([
    0o600,
    needs('root') ? OWNER.uid : process.getuid?.(),
  ]);
});

it('no link is followed: no file is made or changed where it leads', async () => {
  const { store, shop, path, home } = await world();
  const target = join(home, 'elsewhere');
  symlinkSync(target, path);
  bumpStamp(store, shop);
  expect(existsSync(target)).toBe(false);
  const before = readStamp(store, shop);
  bumpStamp(store, shop);
  expect(readStamp(store, shop)).not.toBe(before);
  writeFileSync(target, 'x');
  const { uid, mtimeMs } = statSync(target);
  bumpStamp(store, shop);
  expect([statSync(target), readFileSync(target, 'utf8')]).toMatchObject([{ uid, mtimeMs }, 'x']);
});
