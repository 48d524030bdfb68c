import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { callContext } from '../../lib/operations/context.ts';
import { lookForShared } from '../../lib/operations/shared.ts';
import { findApp } from '../../lib/state/apps.ts';
import { nodeDisk } from '../../lib/state/disk.ts';
import { openStore } from '../../lib/state/store.ts';
import { platform } from './world.ts';

const LINE = { addon: 'vault', id: 'v1', private: 'x' };

/** `shop` has a line, and `blog` may have the same. */
function world(blog: string) {
  const { addons, app } = platform();
  app('shop', 'vault;v1;x\n');
  const dir = app('blog', blog);
  const scripts = { outside: {}, scriptPath: '/usr/bin', home: '/' };
  const context = callContext(openStore(addons.platform, nodeDisk), scripts, 1);
  const look = lookForShared(context);
  return { dir, look: () => look(findApp(addons.platform, 'shop'), LINE, 'nothing was removed') };
}

it('refuses what another app holds, too, and nothing else', () => {
  expect(world('vault;v1;x\n').look).toThrow('blog holds v1 of vault, too: nothing was removed.');
  expect(world('vault;v2;x\nsafe;v1;x\n').look).not.toThrow();
});

it('does not refuse what the other has lost since the look', () => {
  const { dir, look } = world('vault;v1;x\n');
  rmSync(join(dir, 'ADDONS'));
  expect(look).not.toThrow();
});

it('reads the apps once, whatever is asked of it', () => {
  const { dir, look } = world('');
  writeFileSync(join(dir, 'ADDONS'), 'vault;v1;x\n');
  expect(look).not.toThrow();
});
