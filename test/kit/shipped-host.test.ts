import { describe, test } from 'vitest';
import { needs } from '../require.ts';
import { KINDS, type ServerAddon } from '../servers/kinds.ts';
import { expectKept } from './shipped.ts';

const SUBJECTS: [ServerAddon, Record<string, string>][] = [
  ['redis', { isolation: 'acl' }],
  ['postgresql', {}],
  ['mariadb', {}],
];

// Redis with a server for each app: in Docker, and in test/servers/redis-instance-host.test.ts.
describe('the kit finds no fault with servers on the host of', () => {
  for (const [addon, config] of SUBJECTS) {
    test.skipIf(!needs('root', ...KINDS[addon].programs))([addon, ...Object.values(config)].join(', '), async () => {
      await expectKept(addon, { server: 'host', ...config }, 'unix:///nowhere/docker.sock');
    });
  }
});
