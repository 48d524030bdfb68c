import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Image, ImageVersion } from './image.ts';
import { PATH, versionOf } from './version.ts';

export function redis(version: ImageVersion): Image {
  const { major, full, replace } = versionOf('/usr/bin/redis-server', /v=(\d+\.\d+\.\d+)/, version);
  return {
    tag: `addons-test/redis:${major}`,
    programs: ['/usr/bin/redis-server', '/usr/bin/redis-cli', '/usr/bin/redis-check-rdb'],
    files: [],
    texts: {},
    user: 'redis',
    directories: { '/data': 0o755 },
    replace,
    entrypoint: readFileSync(join(import.meta.dirname, 'redis-entrypoint.sh'), 'utf8'),
    config: {
      Cmd: ['redis-server'],
      Env: [PATH, `REDIS_VERSION=${full}`],
      Volumes: ['/data'],
      Port: 6379,
      WorkingDir: '/data',
    },
  };
}
