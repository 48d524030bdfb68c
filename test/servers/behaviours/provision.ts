import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { send } from '../../../lib/scripts/processes.ts';
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

  test('twenty apps at once get a resource each, and lose it at once', async () => {
    const { world } = the();
    const before = await world.ids();
    const names = Array.from({ length: 20 }, (_, number) => `crowd-${number}`);
    const urls = await Promise.all(names.map((name) => world.app(name)));
    await Promise.all(urls.map((url, number) => writeTo(url, 'number', `${number}`)));
    const numbers = await Promise.all(urls.map((url) => readFrom(url, 'number')));
    expect(numbers).toEqual(names.map((_, number) => `${number}`));
    expect(await world.ids()).toHaveLength(before.length + 20);
    await Promise.all(names.map((name) => world.addons.remove(name, world.addon)));
    expect(await world.ids()).toEqual(before);
  });

  test('provision killed at any moment and run again makes one resource, and unprovision takes it away', async () => {
    const { world, subject } = the();
    const before = await world.ids();
    const began = Date.now();
    const whole = await world.run('provision', ['killed'], operation('whole'));
    const duration = Date.now() - began;
    expect(whole).toMatchObject({ status: 0 });
    await unprovisioned(idIn(whole.stdout));
    const shares = subject.mode === 'docker' ? [0.3, 0.6, 0.9] : [0.1, 0.3, 0.5, 0.7, 0.9];
    for (const [index, share] of shares.entries()) {
      const op = operation(`k${index}`);
      const run = world.start('provision', ['killed'], op);
      setTimeout(() => send('SIGKILL', -run.pid), duration * share);
      const first = await run.ended;
      const second = await world.run('provision', ['killed'], op);
      expect(second, `killed at ${share} of its time`).toMatchObject({ status: 0 });
      expect(second.stdout.split('\n')).toHaveLength(2);
      const id = idIn(second.stdout);
      if (first.stdout.endsWith('\n')) expect(idIn(first.stdout)).toBe(id);
      expect(await world.ids()).toEqual([...before, id].sort());
      const { status, stdout } = await world.run('url', [id, second.stdout.trim().split(';')[1] ?? ''], 'none');
      expect(status).toBe(0);
      await writeTo(stdout.trim(), 'key', 'value');
      await unprovisioned(id);
    }

    async function unprovisioned(id: string) {
      for (const time of ['once', 'twice']) {
        expect(await world.run('unprovision', [id], operation('gone')), time).toMatchObject({ status: 0, stdout: '' });
      }
      expect(await world.ids()).toEqual(before);
    }
  });
}

/** As the library makes them: 20 small letters and digits. */
export const operation = (word: string) => `${word}${Date.now().toString(36)}0000000000000000000`.slice(0, 20);

const idIn = (line: string) => line.split(';')[0] ?? '';
