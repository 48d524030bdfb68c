import { expect, test } from 'vitest';
import { failure } from '../../operations/world.ts';
import type { Trial } from '../trial.ts';

export function leavesNothing(the: () => Trial) {
  test('disable is refused while an app uses it, and then leaves no process, container, user or file', async () => {
    const { world, external, initial } = the();
    const { addon, addons } = world;
    await world.app('last');
    expect(await failure(addons.disable(addon))).toMatchObject({ code: 'in-use' });
    expect(world.remains()).not.toEqual([]);
    // Even the script by itself, which is not told who uses it.
    expect((await world.run('disable', [], 'none')).status).not.toBe(0);
    await world.release('last');
    await addons.remove('last', addon);
    expect((await addons.check()).findings).toEqual([]);
    await addons.disable(addon);
    expect(world.remains()).toEqual([]);
    expect(await external?.state()).toBe(initial);
  });
}
