import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { postgresPrograms } from '../../require.ts';
import type { Image, ImageVersion } from './image.ts';
import { PATH, versionOf } from './version.ts';

export function postgres(version: ImageVersion): Image {
  const bin = postgresPrograms()[0] ?? '/usr/lib/postgresql/15/bin';
  const { major, full, replace } = versionOf(`${bin}/postgres`, /(\d+\.\d+)/, version);
  const own = String(Number.parseInt(bin.replace('/usr/lib/postgresql/', ''), 10));
  const share = `/usr/share/postgresql/${own}`;
  const modules = `/usr/lib/postgresql/${own}/lib`;
  const catalogs = readFileSync(`${share}/postgres.bki`, 'utf8');
  return {
    tag: `addons-test/postgres:${major}`,
    programs: [...PROGRAMS.map((name) => `${bin}/${name}`), '/usr/bin/locale'],
    files: [share, modules, '/usr/lib/locale/C.utf8', '/usr/share/zoneinfo/UTC', '/usr/share/zoneinfo/Etc'],
    // The compiler for queries, by far the largest part, is used by no statement of these tests.
    without: /\/(bitcode|pgxs|man|llvmjit[^/]*)$/,
    modules: readdirSync(modules)
      .filter((name) => name.endsWith('.so') && !name.startsWith('llvmjit'))
      .map((name) => join(modules, name)),
    texts: {
      [`${share}/postgresql.conf.sample`]: listening(readFileSync(`${share}/postgresql.conf.sample`, 'utf8')),
      [`${share}/postgres.bki`]: catalogs.replace(`PostgreSQL ${own}`, `PostgreSQL ${major}`),
    },
    links: major === own ? {} : { [`/usr/lib/postgresql/${major}`]: own },
    user: 'postgres',
    directories: { '/var/lib/postgresql': 0o1777, '/var/lib/postgresql/data': 0o1777, '/run/postgresql': 0o3777 },
    replace: version === 'own' ? [] : [...replace, ...majorInDataDirectories(own, major)],
    entrypoint: readFileSync(join(import.meta.dirname, 'postgres-entrypoint.sh'), 'utf8'),
    config: {
      Cmd: ['postgres'],
      Env: [
        `${PATH}:/usr/lib/postgresql/${major}/bin`,
        'LANG=C.UTF-8',
        'PGDATA=/var/lib/postgresql/data',
        `PG_MAJOR=${major}`,
        `PG_VERSION=${full}-1.pgdg120+1`,
      ],
      Volumes: ['/var/lib/postgresql/data'],
      Port: 5432,
      StopSignal: 'SIGINT',
    },
  };
}

const PROGRAMS = [
  ...['postgres', 'initdb', 'pg_ctl', 'pg_controldata', 'pg_resetwal', 'psql', 'pg_isready'],
  ...['pg_dump', 'pg_dumpall', 'pg_restore', 'createdb', 'createuser', 'dropdb', 'dropuser'],
];

/** The official image listens for other containers. */
const listening = (sample: string) => sample.replace(/^#?listen_addresses = '.*?'/m, "listen_addresses = '*'");

/**
 * initdb and the server write the major version alone into PG_VERSION. The text is the end of a longer one in the
 * program, whichever the linker found, so the ends of all are counted up; the others are names of character sets.
 */
const majorInDataDirectories = (from: string, to: string): [string, string][] => [
  [`-${from}\0`, `-${to}\0`],
  [` ${from}\0`, ` ${to}\0`],
];
