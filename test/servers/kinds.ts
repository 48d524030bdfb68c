import type { Need } from '../require.ts';
import { type Login, withLogin } from './clients.ts';
import type { ImageName } from './engine.ts';
import type { Settings } from './world.ts';

export type ServerAddon = 'redis' | 'postgresql' | 'mariadb';

/** What the suite must know of one kind of server. */
export interface Kind {
  /** Programs of its host mode. */
  programs: Need[];
  /** What its containers are made of. */
  image: ImageName;
  /** A major version before that of the programs, as `servers/NAME/version` says it. */
  older: string;
  /** A disk that holds what the suite makes, but not endlessly, in the words of tmpfs. */
  disk: string;
  /** A setting that `enable --again` applies to a server, and what an app then sees of it. */
  change: { settings: Settings; ask: string; shows: RegExp };
  /** Statements that an app must be refused. */
  intrusions(mine: Owned, theirs: Owned): string[];
  /** URLs that must not be let in, made of an app's own and another's; more of them where the server is the add-on's own. */
  forgeries(mine: Owned, theirs: Owned, ownServer: boolean): string[];
  /** What a login finds out of another app's data by looking everywhere; '' if nothing. */
  found(login: Login, theirs: Owned): Promise<string>;
  /** Returns when a kill -9 of the server cannot take away what was written. */
  settled(url: string): Promise<void>;
}

/** What an app has: the key `secret` is in it. */
export interface Owned {
  id: string;
  url: string;
}

const redis: Kind = {
  programs: ['redis-server', 'redis-cli'],
  image: 'redis',
  older: '6',
  disk: '64m',
  change: { settings: { maxmemory: '33mb' }, ask: 'INFO memory', shows: /maxmemory:34603008\b/ },
  intrusions(mine, theirs) {
    const administration = [
      'CONFIG GET *',
      'CONFIG SET dir /tmp',
      'ACL LIST',
      'ACL SETUSER intruder on nopass +@all ~*',
      'MODULE LIST',
      'DEBUG SLEEP 0',
      'REPLICAOF 127.0.0.1 1',
      'SAVE',
      'BGREWRITEAOF',
      'MONITOR',
      'SHUTDOWN NOSAVE',
    ];
    if (new URL(mine.url).username === 'default') return administration;
    const [own, secret] = [`${mine.id}:secret`, `${theirs.id}:secret`];
    const keys = [`GET ${secret}`, `SET ${secret} mine`, `DEL ${secret}`, `EXISTS ${secret}`, `TYPE ${secret}`];
    const ways = [
      `RENAME ${own} ${secret}`,
      `COPY ${secret} ${own}`,
      `DUMP ${secret}`,
      `OBJECT ENCODING ${secret}`,
      `MEMORY USAGE ${secret}`,
      `EVAL return(redis.call('get','${secret}')) 0`,
      `EVAL return(redis.call('get',KEYS[1])) 1 ${secret}`,
      `EVAL return(redis.call('keys','*')) 0`,
      `SORT ${mine.id}:list BY ${theirs.id}:* GET ${theirs.id}:*`,
      `PUBLISH ${theirs.id}:news x`,
      'KEYS *',
      'SCAN 0',
      'RANDOMKEY',
      'FLUSHALL',
      'FLUSHDB',
      'SWAPDB 0 1',
      'CLIENT LIST',
    ];
    return [...keys, ...ways, ...administration];
  },
  forgeries: (mine, theirs) => [
    forged(theirs.url, { password: new URL(mine.url).password }),
    forged(theirs.url, { password: 'wrong' }),
    forged(theirs.url, { username: '', password: '' }),
    forged(theirs.url, { username: 'admin', password: new URL(mine.url).password }),
  ],
  found: async (login, { id }) => (await login.everything()).filter((key) => key.includes(id)).join(' '),
  async settled(url) {
    await withLogin(url, async (login) => {
      let state = await login.ask('INFO persistence');
      if (!state.includes('aof_enabled:1')) throw new Error('This server keeps nothing.');
      while (!/aof_buffer_length:0\b/.test(state)) state = await login.ask('INFO persistence');
    });
  },
};

const postgresql: Kind = {
  programs: ['psql', 'pg_dump', 'pg_ctlcluster'],
  image: 'postgres',
  older: '14',
  disk: '400m',
  change: { settings: { max_connections: '33' }, ask: 'SHOW max_connections', shows: /^33$/ },
  intrusions: (mine, theirs) => [
    'CREATE DATABASE intruder',
    'CREATE ROLE intruder',
    `ALTER ROLE "${theirs.id}_a" PASSWORD 'x'`,
    `ALTER ROLE "${mine.id}_a" SUPERUSER`,
    `ALTER ROLE "${mine.id}_a" CREATEROLE`,
    `SET ROLE "${theirs.id}"`,
    `SET SESSION AUTHORIZATION "${theirs.id}_a"`,
    `GRANT "${theirs.id}" TO "${mine.id}_a"`,
    `DROP DATABASE "${theirs.id}"`,
    `ALTER DATABASE "${theirs.id}" RENAME TO intruder`,
    `ALTER DATABASE "${theirs.id}" SET search_path = nowhere`,
    `COMMENT ON DATABASE "${theirs.id}" IS 'mine'`,
    `GRANT CONNECT ON DATABASE "${theirs.id}" TO "${mine.id}_a"`,
    `DROP ROLE "${theirs.id}"`,
    'SELECT * FROM pg_authid',
    'SELECT * FROM pg_shadow',
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY kv FROM '/etc/passwd'",
    "COPY kv TO '/tmp/intruder'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/etc/passwd')",
    'ALTER SYSTEM SET max_connections = 1',
    'SELECT pg_reload_conf()',
    'CHECKPOINT',
  ],
  forgeries: (mine, theirs, ownServer) => [
    forged(mine.url, { pathname: `/${theirs.id}` }),
    forged(theirs.url, { password: new URL(mine.url).password }),
    forged(mine.url, { password: 'wrong' }),
    forged(mine.url, { username: 'postgres' }),
    // Elsewhere these are open to all, which is not the add-on's to change.
    ...(ownServer ? ['/postgres', '/template1'].map((pathname) => forged(mine.url, { pathname })) : []),
  ],
  found: async (login, { id }) => (await login.everything()).filter((table) => table.includes(id)).join(' '),
  settled: async () => {}, // a commit is on the disk
};

const mariadb: Kind = {
  programs: ['mariadbd', 'mariadb', 'mariadb-dump'],
  image: 'mariadb',
  older: '10.6',
  disk: '900m',
  change: { settings: { max_connections: 33 }, ask: 'SELECT @@max_connections', shows: /^33$/ },
  intrusions: (mine, theirs) => [
    `USE \`${theirs.id}\``,
    `SELECT * FROM \`${theirs.id}\`.kv`,
    `INSERT INTO \`${theirs.id}\`.kv VALUES ('x', 'y')`,
    `CREATE TABLE \`${theirs.id}\`.intruder (x int)`,
    `RENAME TABLE kv TO \`${theirs.id}\`.intruder`,
    `DROP DATABASE \`${theirs.id}\``,
    'CREATE DATABASE intruder',
    `CREATE DATABASE \`${mine.id.replace('_', 'x')}\``, // "_" is a pattern in a GRANT
    'CREATE USER intruder',
    `SET PASSWORD FOR \`${theirs.id}_a\` = PASSWORD('x')`,
    `ALTER USER \`${theirs.id}_a\` IDENTIFIED BY 'x'`,
    `SHOW GRANTS FOR \`${theirs.id}_a\``,
    `GRANT ALL ON *.* TO \`${mine.id}_a\``,
    'SELECT * FROM mysql.user',
    'SELECT * FROM mysql.global_priv',
    'SET GLOBAL max_connections = 10',
    'FLUSH TABLES WITH READ LOCK',
    "SELECT 1 INTO OUTFILE '/tmp/intruder'",
    "LOAD DATA INFILE '/etc/passwd' INTO TABLE kv",
    "CREATE FUNCTION intruder RETURNS STRING SONAME 'x.so'",
    'SHOW ENGINE INNODB STATUS',
    'SHUTDOWN',
  ],
  forgeries: (mine, theirs) => [
    forged(mine.url, { pathname: `/${theirs.id}` }),
    forged(mine.url, { pathname: '/mysql' }),
    forged(theirs.url, { password: new URL(mine.url).password }),
    forged(mine.url, { password: 'wrong' }),
    forged(mine.url, { username: 'root' }),
  ],
  async found(login, { id }) {
    const seen = [
      ...(await login.everything()),
      await login.ask('SHOW PROCESSLIST'),
      await login.ask('SELECT * FROM information_schema.user_privileges'),
      await login.ask('SELECT * FROM information_schema.schemata'),
    ];
    const file = await login.ask("SELECT LOAD_FILE('/etc/passwd')");
    return [...seen.filter((text) => text.includes(id)), ...(file === 'null' ? [] : [file])].join(' ');
  },
  settled: async () => {}, // a commit is on the disk
};

export const KINDS: Readonly<Record<ServerAddon, Kind>> = { redis, postgresql, mariadb };

function forged(url: string, changes: Partial<Pick<URL, 'username' | 'password' | 'pathname'>>): string {
  return Object.assign(new URL(url), changes).href;
}
