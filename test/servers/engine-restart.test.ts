import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collect } from '../operations/world.ts';
import { readFrom, writeTo } from './clients.ts';
import { type OwnEngine, ownEngine } from './engine.ts';
import { canTry, openTrial, type Subject, type Trial } from './trial.ts';

const SUBJECTS: Subject[] = [
  { addon: 'redis', mode: 'docker', settings: { isolation: 'instance' } },
  { addon: 'postgresql', mode: 'docker' },
  { addon: 'mariadb', mode: 'docker' },
];
const APPS = ['shop', 'blog'];

describe.skipIf(!SUBJECTS.every(canTry))('servers in Docker', () => {
  let docker: OwnEngine;
  const trials: Trial[] = [];
  beforeAll(async () => {
    docker = await ownEngine();
    for (const subject of SUBJECTS) {
      const trial = await openTrial(subject, docker);
      trials.push(trial);
      for (const app of APPS) await writeTo(await trial.world.app(app), 'key', app);
    }
  }, 300_000);
  afterAll(async () => {
    for (const { close } of trials) await close();
    await docker?.stop();
  });

  test('whose engine was restarted and gave them other addresses are found again by a release', async () => {
    const before = await Promise.all(trials.map(hosts));
    await docker.restart({ by: 'shutdown', addresses: 'moved' });
    for (const [index, trial] of trials.entries()) {
      await expectData(trial);
      const after = await hosts(trial);
      expect(after.filter((host) => before[index]?.includes(host))).toEqual([]);
    }
  });

  test('all come back by release --all after the machine lost its power', async () => {
    for (const { world, kind } of trials) await kind.settled(await world.inEnv('shop'));
    await docker.restart({ by: 'power cut' });
    await Promise.all(trials.map(expectData));
  });

  test('whose engine is stopped are reported in words, and ENV stays as it was', async () => {
    const before = await Promise.all(trials.map(hosts));
    await docker.halt();
    for (const { world } of trials) {
      for (const end of await collect(world.addons.releaseAll())) {
        expect('error' in end && end.error.message).toMatch(/Docker engine does not answer/);
      }
    }
    await docker.resume();
    expect(await Promise.all(trials.map(hosts))).toEqual(before);
    await Promise.all(trials.map(expectData));
  });
});

async function expectData({ world }: Trial) {
  const ends = await collect(world.addons.releaseAll());
  expect(ends.filter((end) => 'error' in end)).toEqual([]);
  for (const app of APPS) expect(await readFrom(await world.inEnv(app), 'key')).toBe(app);
}

const hosts = ({ world }: Trial) => Promise.all(APPS.map(async (app) => new URL(await world.inEnv(app)).hostname));
