import { expect, it } from 'vitest';
import { leave } from './journal.ts';
import { listener, platform } from './world.ts';

it('tells the steps of every operation', async () => {
  const { addons, app, install, home } = platform();
  const { events, onProgress } = listener();
  install('vault');
  app('shop');
  app('blog');
  await addons.enable('vault', { onProgress });
  await addons.add('shop', 'vault', { onProgress });
  await addons.add('blog', 'vault', { onProgress });
  await addons.release('shop', { onProgress });
  await addons.dump('shop', 'vault', { file: `${home}/dump` }, { onProgress });
  await addons.restore('shop', 'vault', { file: `${home}/dump` }, { onProgress });
  await addons.rotate('shop', 'vault', { onProgress });
  await addons.clone('shop', 'news', { onProgress, withData: true });
  await addons.remove('news', 'vault', { onProgress, keepFor: 60 });
  await addons.undo('news', 'vault', { onProgress });
  await addons.remove('news', 'vault', { onProgress, keepFor: 60 });
  for await (const _ of addons.emptyTrash({ onProgress }));
  await addons.delete('shop', { onProgress });
  await addons.disable('vault', { onProgress, force: true });
  expect(events).toEqual(
    [
      'Enabling vault',
      'Adding vault to shop',
      'Adding vault to blog',
      'Dumping vault of shop',
      'Restoring vault of shop',
      'Rotating the secret of vault for shop',
      'Adding vault to news',
      'Dumping vault of shop',
      'Restoring vault for news',
      'Removing vault from news',
      'Removing vault from news',
      expect.stringMatching(/^Emptying the trash: vault news-\S+ of news$/),
      'Removing vault from shop',
      'Removing vault from blog',
      'Disabling vault',
    ].map((message) => ({ type: 'step', message })),
  );
});

it('tells which interrupted operation is recovered on the way', async () => {
  const { addons, app, enable } = platform();
  const { events, onProgress } = listener();
  await enable('vault');
  app('shop');
  const runs = [{ script: 'provision', out: 'v1;x\n', status: 0 }];
  const id = leave(addons, { kind: 'add', addon: 'vault', app: 'shop', runs });
  expect(await addons.add('shop', 'vault', { onProgress })).toMatchObject({ outcome: 'unchanged', id: 'v1' });
  expect(events).toEqual([
    { type: 'note', message: `Recovering an interrupted add of vault for shop (operation ${id})` },
  ]);
});

it('tells who is waited for at a lock', async () => {
  const { addons, enable, app, open } = platform();
  const { events, onProgress } = listener();
  await enable('vault', { enable: 'exit 0' });
  app('shop');
  const { withLock } = await import('../../lib/state/lock.ts');
  const holding = withLock(
    addons.platform.locks,
    'addon-vault',
    { label: 'vault', deadline: Date.now() + 5000 },
    () => new Promise((resolve) => setTimeout(resolve, 600)),
  );
  await open().enable('vault', { onProgress });
  await holding;
  expect(events).toEqual([
    {
      type: 'waiting',
      message: expect.stringMatching(`^Waiting for add-on vault \\(process ${process.pid} since .*Z\\)$`),
    },
  ]);
});
