import { expect, test } from 'vitest';
import { isLetIn, logIn, readFrom } from '../clients.ts';
import type { Trial } from '../trial.ts';
import { operation } from './provision.ts';

export function rotatesSecrets(the: () => Trial) {
  test('rotate lets the old and the new URL in until the next one, and cuts no connection', async () => {
    const { world } = the();
    const first = await world.app('turn');
    const open = await logIn(first);
    await open.write('key', 'before');
    await world.addons.rotate('turn', world.addon);
    expect(await world.inEnv('turn')).toBe(first);
    const second = await world.release('turn');
    expect(second).not.toBe(first);
    expect([await isLetIn(first), await isLetIn(second)]).toEqual([true, true]);
    expect(await readFrom(second, 'key')).toBe('before');

    const renewed = await logIn(second);
    await renewed.write('key', 'after'); // what the old login made is its own, too
    await renewed.close();
    expect(await open.read('key')).toBe('after');

    await world.addons.rotate('turn', world.addon);
    const third = await world.release('turn');
    expect([await isLetIn(first), await isLetIn(second), await isLetIn(third)]).toEqual([false, true, true]);
    expect(await open.read('key')).toBe('after');
    await open.close();
  });

  test('rotate run again after a crash prints a secret that works, and the old one works on', async () => {
    const { world } = the();
    const url = await world.app('turn');
    const id = await world.idOf('turn');
    const secret = (await world.privateOf('turn')) ?? '';
    const op = operation('turn');
    await world.run('rotate', [id, secret], op);
    const { status, stdout } = await world.run('rotate', [id, secret], op);
    expect(status).toBe(0);
    const renewed = await world.run('url', [id, stdout.trim()], 'none');
    expect(renewed.stdout.trim()).not.toBe(url);
    expect([await isLetIn(url), await isLetIn(renewed.stdout.trim())]).toEqual([true, true]);
  });
}
