import { describe, test } from 'vitest';
import { canRunContainers, engine } from '../servers/engine.ts';
import { KINDS, type ServerAddon } from '../servers/kinds.ts';
import { expectKept } from './shipped.ts';

const SUBJECTS: [ServerAddon, Record<string, string>][] = [
  ['redis', { isolation: 'instance' }],
  ['postgresql', {}],
  ['mariadb', {}],
];

// Redis with users: on the host, and in a server of somebody else. In Docker it has the same server as here.
describe('the kit finds no fault with servers in Docker of', () => {
  for (const [addon, config] of SUBJECTS) {
    test.skipIf(!canRunContainers(KINDS[addon].image))(
      [addon, ...Object.values(config)].join(', '),
      async () => {
        const { host, image } = await engine();
        await expectKept(addon, { server: 'docker', image: await image(KINDS[addon].image), ...config }, host);
      },
      300_000,
    );
  }
});
