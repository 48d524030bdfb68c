import { expect, test } from 'vitest';
import { readFrom, writeTo } from '../clients.ts';
import type { Subject, Trial } from '../trial.ts';

export function standsTwice(the: () => Trial, { addon }: Subject) {
  test('installed under a second name it has servers, data and a variable of its own', async () => {
    const { world, external } = the();
    const { addons } = world;
    world.configure({ ...world.settings(), server: external ? 'external' : 'auto' }, 'queue');
    await addons.install(addon, { as: 'queue' });
    await addons.enable('queue');
    const url = await world.app('both');
    const queue = await world.app('both', 'queue');
    const env = await addons.env('both');
    expect([...env.keys()].sort()).toEqual([addons.platform.configVar(addon), 'X_QUEUE_URL'].sort());
    await writeTo(url, 'key', 'main');
    await writeTo(queue, 'key', 'queue');
    expect([await readFrom(url, 'key'), await readFrom(queue, 'key')]).toEqual(['main', 'queue']);
    expect([await world.ids(), await world.ids('queue')]).toEqual([
      [await world.idOf('both')],
      [await world.idOf('both', 'queue')],
    ]);
    if (!external) expect(new URL(queue).host).not.toBe(new URL(url).host);
    await addons.remove('both', 'queue');
    expect(world.remains('queue')).not.toEqual([]);
    await addons.disable('queue');
    expect(world.remains('queue')).toEqual([]);
    await addons.uninstall('queue');
    expect(await readFrom(await world.release('both'), 'key')).toBe('main');
  });
}
