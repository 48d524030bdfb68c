import { expect, it } from 'vitest';
import { failure, platform } from './world.ts';

const HELD = 'provision gave an id that another resource of this add-on already has';

it('takes a failed provision without an id for one that left nothing', async () => {
  const { addons, app, enable, read, journal } = platform();
  await enable('vault', { provision: 'echo no room >&2; exit 1' });
  app('shop');
  expect(await failure(addons.add('shop', 'vault'))).toMatchObject({
    code: 'script-failed',
    message: 'provision of vault failed with exit status 1: no room',
    details: { app: 'shop', addon: 'vault', script: 'provision' },
  });
  expect([read('shop', 'ADDONS'), journal()]).toEqual(['', []]);
});

it('unprovisions what a failed provision told of', async () => {
  const { addons, app, enable, ran, journal } = platform();
  await enable('vault', { provision: 'echo "half-1;x"; exit 1' });
  app('shop');
  expect((await failure(addons.add('shop', 'vault'))).message).toBe(
    'provision of vault failed with exit status 1 and what it had made was unprovisioned.',
  );
  expect([ran('vault').at(-1), journal()]).toEqual(['unprovision half-1', []]);
});

it('keeps what could not be unprovisioned in the journal, and the next add clears it away', async () => {
  const { addons, app, enable, install, ran, journal } = platform();
  await enable('vault', { provision: 'echo "half-1;x"; exit 1', unprovision: 'exit 9' });
  app('shop');
  expect((await failure(addons.add('shop', 'vault'))).message).toMatch(
    /^unprovision of vault failed with exit status 9; what provision made for shop stays until/,
  );
  expect(journal()).toHaveLength(1);
  install('vault', {
    provision: 'echo "whole-1;x"',
    unprovision: 'echo "unprovision $1" >>"$ADDON_DATA/ran"',
  });
  expect(await addons.add('shop', 'vault')).toMatchObject({ outcome: 'done', id: 'whole-1' });
  expect([ran('vault').at(-1), journal()]).toEqual(['unprovision half-1', []]);
});

it.each([
  ['nothing', ':', 'printed nothing'],
  ['no semicolon', 'echo id', 'printed no semicolon'],
  ['two lines', 'echo "id;x"; echo more', 'printed two lines'],
  ['a second semicolon', 'echo "id;x;y"', 'printed a second semicolon'],
  ['an id like an option', 'echo "-id;x"', 'printed an id that starts with a dash'],
])('sets an add aside whose provision succeeded but printed %s', async (_, provision, problem) => {
  const { addons, app, enable, read, ran } = platform();
  await enable('vault', { provision });
  app('shop');
  const error = await failure(addons.add('shop', 'vault'));
  expect(error).toMatchObject({ code: 'quarantined', message: expect.stringContaining(problem) });
  expect(await failure(addons.add('shop', 'vault'))).toMatchObject({ code: 'quarantined' });
  expect([read('shop', 'ADDONS'), ran('vault')]).toEqual(['', ['enable']]);
});

it('sets an add aside whose id another app holds, and never unprovisions it', async () => {
  const world = platform();
  const { addons, app, enable, ran } = world;
  await enable('vault', { provision: 'echo "same;x"' });
  app('blog');
  app('shop');
  await addons.add('blog', 'vault');
  expect(await failure(addons.add('shop', 'vault'))).toMatchObject({
    code: 'quarantined',
    message: `An earlier add of vault for shop needs a person: ${HELD}.`,
  });
  expect(ran('vault')).toEqual(['enable']);
  expect(world.read('blog', 'ADDONS')).toBe('vault;same;x\n');
});

it('sets both adds aside that were given one id at the same time, or the second', async () => {
  const { addons, app, enable, open, ran } = platform();
  await enable('vault', { provision: 'sleep 0.2; echo "same;x"' });
  app('blog');
  app('shop');
  const ends = await Promise.allSettled([addons.add('blog', 'vault'), open().add('shop', 'vault')]);
  const done = ends.filter(({ status }) => status === 'fulfilled');
  expect(done.length).toBeLessThan(2);
  expect(ran('vault')).toEqual(['enable']);
});

it('never unprovisions an id that is marked as kept, though a failed provision told of it', async () => {
  const { addons, app, install, enable, ran, ledger, journal } = platform();
  await enable('vault');
  app('shop');
  app('blog');
  const { id = '' } = await addons.add('shop', 'vault');
  await addons.adopt('shop', 'vault', { id }, { keep: true });
  await addons.remove('shop', 'vault');
  install('vault', { provision: `echo '${id};x'; exit 1` });
  expect(await failure(addons.add('blog', 'vault'))).toMatchObject({ code: 'quarantined' });
  expect([ledger('vault'), journal().length]).toEqual([[id], 1]);
  expect(ran('vault').filter((line) => line.startsWith('unprovision'))).toEqual([]);
});
