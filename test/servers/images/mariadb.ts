import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Image, ImageVersion } from './image.ts';
import { PATH, versionOf } from './version.ts';

export function mariadb(version: ImageVersion): Image {
  const { major, full, replace } = versionOf('/usr/sbin/mariadbd', /(\d+\.\d+\.\d+)-MariaDB/, version);
  return {
    tag: `addons-test/mariadb:${major}`,
    programs: PROGRAMS,
    files: [PLUGINS, SHARE],
    // Messages in other languages, and what is there twice.
    without: /\/(auth_pam_tool_dir|mini-benchmark|errmsg-utf8\.txt|[^/]+\/errmsg\.sys)$(?<!\/english\/errmsg\.sys)/,
    modules: readdirSync(PLUGINS)
      .filter((name) => name.endsWith('.so'))
      .map((name) => join(PLUGINS, name)),
    texts: {
      '/etc/mysql/mariadb.cnf': CONFIGURATION,
      '/etc/mysql/mariadb.conf.d/05-skipcache.cnf': '[mariadb]\nhost-cache-size=0\nskip-name-resolve\n',
    },
    links: { '/etc/mysql/my.cnf': 'mariadb.cnf' },
    user: 'mysql',
    directories: { '/var/lib/mysql': 0o755, '/run/mysqld': 0o777, '/etc/mysql/conf.d': 0o755 },
    replace,
    entrypoint: readFileSync(join(import.meta.dirname, 'mariadb-entrypoint.sh'), 'utf8'),
    config: {
      Cmd: ['mariadbd'],
      Env: [PATH, 'LANG=C.UTF-8', `MARIADB_VERSION=1:${full}+maria~ubu2204`],
      Volumes: ['/var/lib/mysql'],
      Port: 3306,
    },
  };
}

const PLUGINS = '/usr/lib/mysql/plugin';
const SHARE = '/usr/share/mysql';

// Only the names of today: the images since version 11 have no `mysql…` any more.
const PROGRAMS = [
  '/usr/sbin/mariadbd',
  ...['mariadb', 'mariadb-admin', 'mariadb-dump', 'mariadb-check', 'mariadb-upgrade', 'mariadb-install-db'].map(
    (name) => `/usr/bin/${name}`,
  ),
  ...['my_print_defaults', 'resolveip'].map((name) => `/usr/bin/${name}`),
];

const CONFIGURATION = `[client-server]
socket = /run/mysqld/mysqld.sock

[mariadbd]
datadir = /var/lib/mysql
pid-file = /run/mysqld/mysqld.pid

!includedir /etc/mysql/mariadb.conf.d/
!includedir /etc/mysql/conf.d/
`;
