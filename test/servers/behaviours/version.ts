import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { AddonsError } from '../../../lib/errors.ts';
import { failure } from '../../operations/world.ts';
import { readFrom, writeTo } from '../clients.ts';
import { engine } from '../engine.ts';
import type { Subject, Trial } from '../trial.ts';
import { where } from '../where.ts';
import { cutPower } from './faults.ts';

const STEPS = /dump.*disable.*enable.*restore/s;

export function refusesOtherVersions(the: () => Trial, { mode }: Subject) {
  where(mode === 'host')('data of an older major version is refused with the steps, and stays whole', async () => {
    const { world, kind } = the();
    await writeTo(await world.app('old'), 'key', 'value');
    await cutPower(the());
    for (const server of world.servers()) {
      const version = join(server, 'version');
      const own = readFileSync(version, 'utf8');
      writeFileSync(version, `${kind.older}\n`);
      const error = await failure(world.addons.release('old'));
      expect(told(error)).toMatch(STEPS);
      expect(told(error)).toContain(kind.older);
      expect(await failure(world.addons.enable(world.addon, { again: true })).then(told)).toMatch(STEPS);
      writeFileSync(version, own);
    }
    expect(await readFrom(await world.release('old'), 'key')).toBe('value');
  });

  where(mode === 'docker')('an image of another major version is refused, and the server runs on', async () => {
    const { world, kind } = the();
    const docker = await engine();
    const url = await world.app('old');
    await writeTo(url, 'key', 'value');
    const own = await docker.image(kind.image);
    world.configure({ image: await docker.image(kind.image, 'next') });
    try {
      expect(await failure(world.addons.enable(world.addon, { again: true })).then(told)).toMatch(STEPS);
      expect(await readFrom(url, 'key')).toBe('value');
      await kind.settled(url);
      world.docker('rm', '--force', ...world.containers());
      expect(await failure(world.addons.release('old')).then(told)).toMatch(STEPS);
      expect(world.containers()).toEqual([]);
    } finally {
      world.configure({ image: own });
    }
    expect(await readFrom(await world.release('old'), 'key')).toBe('value');
  });
}

const told = ({ message, details }: AddonsError): string =>
  [message, details.stderr ?? '', ...(details.failures ?? []).map(told)].join('\n');
