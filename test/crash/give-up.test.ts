import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPlatform } from '../../lib/open-platform.ts';
import { nodeDisk } from '../../lib/state/disk.ts';
import type { Command } from './driver.ts';
import { steppingDisk } from './stepping-disk.ts';
import { openWorkshop, type Workshop } from './world.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.remove());

it.each<[string, Command]>([
  ['the add that failed', ['add', 'shop', 'db']],
  ['a recovery that failed', ['release', 'shop']],
])('%s gives its entry up once, and never takes it from who has it next', async (_, command) => {
  const world = await workshop.makeWorld().prepare([['enable', 'db']]);
  world.script('db', 'provision', 'echo "it;secret"; exit 1');
  world.script('db', 'unprovision', 'exit 1');
  if (command[0] === 'release') await world.run(['add', 'shop', 'db']);
  // As soon as it is free, another process takes it over.
  const next = '{"pid":1,"machine":"another"}\n';
  let owner = '';
  const disk = steppingDisk(nodeDisk, {
    after(_number, { what, path }) {
      if (what !== 'unlink' || !path.endsWith('/owner') || owner !== '') return;
      owner = path;
      writeFileSync(path, next);
    },
  });
  const platform = openPlatform({ ...world.paths, disk });
  if (command[0] === 'release') await platform.release('shop');
  else await expect(platform.add('shop', 'db')).rejects.toMatchObject({ code: 'script-failed' });
  expect(owner).not.toBe('');
  expect(readFileSync(owner, 'utf8')).toBe(next);
});

it('two that come for one abandoned entry do not undo it at the same time', async () => {
  const world = await workshop.makeWorld().prepare([['enable', 'db']]);
  const once = join(world.home, 'once');
  mkdirSync(once);
  world.script('db', 'provision', 'echo "it;secret"; exit 1');
  world.script('db', 'unprovision', 'exit 1');
  await world.run(['add', 'shop', 'db']);
  const alone = `mkdir ${once}/inside || : >${once}/together; sleep 0.1; rmdir ${once}/inside; exit 1`;
  world.script('db', 'unprovision', alone);
  const rivals: Command[] = [
    ['release', 'shop'],
    ['remove', 'shop', 'db'],
    ['delete', 'shop'],
    ['disable', 'db'],
  ];
  await Promise.all([...rivals, ...rivals].map((rival) => world.drive(rival)));
  expect(existsSync(join(once, 'together'))).toBe(false);
});
