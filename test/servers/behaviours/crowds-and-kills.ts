import { expect, test } from 'vitest';
import { send } from '../../../lib/scripts/processes.ts';
import { readFrom, writeTo } from '../clients.ts';
import type { Trial } from '../trial.ts';
import { operation } from './provision.ts';

export function survivesCrowdsAndKills(the: () => Trial) {
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
    const { world } = the();
    const before = await world.ids();
    const began = Date.now();
    const whole = await world.run('provision', ['killed'], operation('whole'));
    const duration = Date.now() - began;
    expect(whole).toMatchObject({ status: 0 });
    await unprovisioned(idIn(whole.stdout));
    for (const [index, share] of [0.1, 0.3, 0.5, 0.7, 0.9].entries()) {
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

const idIn = (line: string) => line.split(';')[0] ?? '';
