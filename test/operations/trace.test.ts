import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { failure, platform } from './world.ts';

it("gives the scripts' set -x to the descriptor and keeps nothing of it", async () => {
  const { addons, app, install, home, tree } = platform();
  install('vault');
  app('shop');
  const file = join(home, 'trace');
  const trace = openSync(file, 'w');
  const seen = (text: string) => expect(readFileSync(file, 'utf8')).toContain(text);
  await addons.enable('vault', { trace });
  seen('+ mkdir -p');
  const { id } = await addons.add('shop', 'vault', { trace });
  seen(` ${id} shop\n`);
  await addons.release('shop', { trace });
  seen('+ printf vault://me:%s@safe.example/%s\\n hunter2-shop');
  await addons.dump('shop', 'vault', { file: join(home, 'dump') }, { trace });
  seen('+ cat ');
  await addons.check({ trace });
  seen('+ ls ');
  await addons.remove('shop', 'vault', { trace });
  seen('+ rm -f');
  closeSync(trace);
  const kept = Object.entries(tree()).filter(([path, content]) => path !== file && content.includes('\n+ '));
  expect(kept).toEqual([]);
});

it('keeps nothing of it either when a script fails', async () => {
  const { addons, app, enable, home, install } = platform();
  await enable('vault', { provision: 'set -x; : hunter2; exit 1', url: 'set -x; : hunter2; exit 1' });
  app('shop');
  const trace = openSync(join(home, 'trace'), 'w');
  const failing = await failure(addons.add('shop', 'vault', { trace }));
  expect(JSON.stringify([failing, failing.message])).not.toContain('hunter2');
  app('blog', 'vault;1;x\n');
  expect((await failure(addons.release('blog', { trace }))).message).not.toContain('hunter2');
  expect(readFileSync(join(home, 'trace'), 'utf8').match(/: hunter2/g)).toHaveLength(2);
  install('vault', { list: 'set -x; : hunter2; exit 1' });
  expect(JSON.stringify(await addons.check({ trace }))).not.toContain('hunter2');
  closeSync(trace);
});

it('traces nothing unless asked to', async () => {
  const { addons, app, enable } = platform();
  await enable('vault', { provision: '[ -z "$(env | grep TRACE)" ] && echo "id;"' });
  app('shop');
  expect(await addons.add('shop', 'vault')).toMatchObject({ outcome: 'done' });
});
