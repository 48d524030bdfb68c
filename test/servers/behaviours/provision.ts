import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isLetIn, readFrom, writeTo } from '../clients.ts';
import type { Trial } from '../trial.ts';

export function provisions(the: () => Trial) {
  test('server = "auto" is docker where an engine answers, else host', () => {
    const { world, subject } = the();
    // That is how all but the external ones were enabled.
    expect(world.settings().server).toBe(subject.mode === 'external' ? 'external' : 'auto');
    expect(readFileSync(join(world.data, 'mode'), 'utf8').trim()).toBe(subject.mode);
  });

  test('an app writes and reads with the URL of its ENV, which stays the same', async () => {
    const { world } = the();
    const url = await world.app('shop');
    await writeTo(url, 'secret', 'of shop');
    expect(await readFrom(url, 'secret')).toBe('of shop');
    expect(await world.release('shop')).toBe(url);
    expect(await world.addons.url('shop', world.addon)).toBe(url);
    expect(await world.ids()).toEqual([await world.idOf('shop')]);
    await world.addons.remove('shop', world.addon);
    await expect(isLetIn(url).then((letIn) => letIn || 'refused', String)).resolves.not.toBe(true);
    expect(await world.ids()).toEqual([]);
  });
}

/** As the library makes them: 20 small letters and digits. */
export const operation = (word: string) => `${word}${Date.now().toString(36)}0000000000000000000`.slice(0, 20);
