import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { failure } from '../../operations/world.ts';
import { readFrom, writeTo } from '../clients.ts';
import type { Subject, Trial } from '../trial.ts';
import { where } from '../where.ts';

export function survivesFullDisk(the: () => Trial, { mode }: Subject) {
  where(mode !== 'external')('provisioning on a full disk fails in words, and works when there is space', async () => {
    const { world, kind } = the();
    const { addons } = world;
    const url = await world.app('early');
    await writeTo(url, 'key', 'value');
    await kind.settled(url);
    const before = await world.ids();
    const filler = join(world.data, 'filler');
    try {
      expect(() => writeFileSync(filler, Buffer.alloc(2 ** 30))).toThrow('ENOSPC');
      const error = await failure(world.app('late'));
      expect(`${error.message} ${error.details.stderr}`).toMatch(/space|disk/i);
    } finally {
      rmSync(filler, { force: true });
    }
    expect(await readFrom(await world.release('early'), 'key')).toBe('value');
    await writeTo(await world.app('late'), 'key', 'late');
    expect(await world.ids()).toEqual([...before, await world.idOf('late')].sort());
    expect((await addons.check()).findings).toEqual([]);
    expect(await readFrom(await world.release('early'), 'key')).toBe('value');
  });
}
