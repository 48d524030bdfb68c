import { chownSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isLetIn } from '../servers/clients.ts';
import { type Engine, engine } from '../servers/engine.ts';
import { canTry } from '../servers/trial.ts';
import { type ServerWorld, serverWorld } from '../servers/world.ts';

const NOBODY = 65534;

describe.skipIf(!canTry({ addon: 'postgresql', mode: 'docker' }))('postgresql in a container', () => {
  let docker: Engine;
  let world: ServerWorld;
  const server = () => join(world.data, 'servers/server');
  beforeAll(async () => {
    docker = await engine();
    const image = await docker.image('postgres');
    world = serverWorld({ addon: 'postgresql', dockerHost: docker.host, settings: { server: 'docker', image } });
    mkdirSync(world.data, { recursive: true });
    chownSync(world.data, NOBODY, NOBODY);
  });
  afterAll(() => world.close());

  test('data whose making was cut off is made anew by the next enable, as long as it was never in use', async () => {
    await world.addons.enable('postgresql');
    const [container = ''] = world.containers();
    world.docker('stop', container);
    rmSync(join(server(), 'data/global'), { recursive: true });
    // Neither has the server ever been ready, nor enable ever ended.
    rmSync(join(server(), 'version'));
    rmSync(join(world.data, 'enabled'));
    await world.addons.enable('postgresql');
    expect(await isLetIn(await world.app('shop'))).toBe(true);
  });

  test('what root enabled the platform’s own user can start anew: every file that takes is his', () => {
    const files = ['', ...readdirSync(server()), 'conf/options', 'conf/password'].filter((name) => name !== 'data');
    const owners = files.map((name) => [name, statSync(join(server(), name)).uid]);
    expect(owners.filter(([name, uid]) => name !== '' && uid !== NOBODY)).toEqual([]);
  });
});
