import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { postgresPrograms } from '../require.ts';
import { logIn, withLogin } from './clients.ts';
import type { ServerAddon } from './kinds.ts';

/** A server that somebody else runs: no add-on may start, stop or configure it. */
export interface ExternalServer {
  /** With an administrator's name and password. */
  url: string;
  pid: number;
  /** Everything in it and about it that an add-on could have changed, as lines. */
  state(): Promise<string>;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export const ADMIN_PASSWORD = 'p@ss word/1:2?3#4%';

/** Installs and starts one in a directory of its own, on a free port. */
export async function startServer(addon: ServerAddon): Promise<ExternalServer> {
  const dir = mkdtempSync(join(tmpdir(), `external-${addon}-`));
  chmodSync(dir, 0o755);
  const port = await freePort();
  const { command, user, url, prepare, open } = INSTALLATIONS[addon](dir, port);
  let child: ChildProcess | undefined;
  const server: ExternalServer = {
    url,
    get pid() {
      return child?.pid ?? 0;
    },
    state: () => STATES[addon](url),
    async start() {
      const log = openSync(join(dir, 'log'), 'a');
      child = spawn('setpriv', [...asUser(user), ...command], { cwd: dir, stdio: ['ignore', log, log] });
      await answers(open ?? url, child, join(dir, 'log'));
    },
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
    async stop() {
      await server.kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  try {
    prepare();
    await server.start();
    await finish(addon, open);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

interface Installation {
  /** Runs in the foreground. */
  command: string[];
  user: string;
  /** The administrator's URL. */
  url: string;
  /** The URL to log in with before that administrator is there, or with a database. */
  open?: string;
  prepare(): void;
}

const encoded = encodeURIComponent(ADMIN_PASSWORD);

const INSTALLATIONS: Record<ServerAddon, (dir: string, port: number) => Installation> = {
  redis(dir, port) {
    // Without a file for users: those that it is told of are gone when it starts again, as on some managed servers.
    const configuration = `port ${port}\nbind 127.0.0.1\ndir "${dir}"\nrequirepass "${ADMIN_PASSWORD}"\nappendonly yes\n`;
    return {
      command: ['redis-server', join(dir, 'redis.conf')],
      user: 'root',
      url: `redis://default:${encoded}@127.0.0.1:${port}`,
      prepare: () => writeFileSync(join(dir, 'redis.conf'), configuration),
    };
  },
  postgresql(dir, port) {
    const [bin = ''] = postgresPrograms();
    const data = join(dir, 'data');
    return {
      command: [join(bin, 'postgres'), '-D', data, '-p', `${port}`, '-k', dir, '-c', 'fsync=off'],
      user: 'postgres',
      // As managed servers have it: an administrator who is no superuser.
      url: `postgres://manager:${encoded}@127.0.0.1:${port}/postgres`,
      open: `postgres://postgres:first@127.0.0.1:${port}/postgres`,
      prepare() {
        give(dir, 'postgres');
        writeFileSync(join(dir, 'first'), 'first\n', { mode: 0o644 });
        const options = ['-A', 'scram-sha-256', '-E', 'UTF8', '--locale', 'C.UTF-8', '--no-sync'];
        execute('postgres', [join(bin, 'initdb'), '-D', data, '--pwfile', join(dir, 'first'), ...options]);
      },
    };
  },
  mariadb(dir, port) {
    const data = join(dir, 'data');
    const socket = join(dir, 'sock');
    const plain = ['--no-defaults', `--datadir=${data}`, `--tmpdir=${dir}`];
    return {
      command: [
        'mariadbd',
        ...plain,
        `--port=${port}`,
        `--socket=${socket}`,
        '--bind-address=127.0.0.1',
        `--init-file=${dir}/first`,
      ],
      user: 'mysql',
      url: `mysql://manager:${encoded}@127.0.0.1:${port}`,
      open: `mysql://manager:${encoded}@127.0.0.1:${port}/mysql`,
      prepare() {
        give(dir, 'mysql');
        const grant = 'GRANT ALL ON *.* TO manager@`127.0.0.1` IDENTIFIED BY';
        writeFileSync(join(dir, 'first'), `${grant} '${ADMIN_PASSWORD}' WITH GRANT OPTION;\n`, { mode: 0o644 });
        execute('mysql', [
          'mariadb-install-db',
          ...plain,
          '--skip-test-db',
          '--auth-root-authentication-method=normal',
        ]);
      },
    };
  },
};

async function finish(addon: ServerAddon, open: string | undefined) {
  if (addon !== 'postgresql' || open === undefined) return;
  await withLogin(open, async (login) => {
    await login.ask(`CREATE ROLE manager LOGIN CREATEROLE CREATEDB PASSWORD '${ADMIN_PASSWORD}'`);
  });
}

const STATES: Record<ServerAddon, (url: string) => Promise<string>> = {
  redis: (url) => answersTo(url, ['ACL LIST', 'CONFIG GET *', 'KEYS *', 'FUNCTION LIST']),
  postgresql: (url) =>
    answersTo(url, [
      `SELECT rolname, rolsuper, rolcreaterole, rolcanlogin, rolconnlimit, rolconfig::text FROM pg_roles ORDER BY 1`,
      `SELECT datname, datdba::regrole::text, datallowconn, datacl::text, shobj_description(oid, 'pg_database')
       FROM pg_database ORDER BY 1`,
      `SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members ORDER BY 1, 2`,
      `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1`,
      `SELECT name, setting FROM pg_settings WHERE source NOT IN ('session', 'client') ORDER BY 1`,
    ]),
  mariadb: (url) =>
    answersTo(`${url}/mysql`, [
      // Its own first file names the administrator's password at each start.
      "SELECT host, user, JSON_REMOVE(priv, '$.password_last_changed') FROM mysql.global_priv ORDER BY 1, 2",
      'SELECT * FROM mysql.db ORDER BY host, db, user',
      'SELECT * FROM mysql.tables_priv',
      'SELECT * FROM information_schema.schemata ORDER BY schema_name',
      "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' ORDER BY 1, 2",
      `SELECT variable_name, global_value FROM information_schema.system_variables
       WHERE global_value_origin <> 'COMPILE-TIME' ORDER BY 1`,
    ]),
};

const answersTo = (url: string, statements: string[]) =>
  withLogin(url, async (login) => {
    const lines = [];
    for (const statement of statements) lines.push(await login.ask(statement));
    return lines.join('\n');
  });

async function answers(url: string, child: ChildProcess, log: string) {
  for (let tries = 0; ; tries++) {
    try {
      await (await logIn(url)).close();
      return;
    } catch (error) {
      const ended = child.exitCode !== null || child.signalCode !== null;
      if (ended || tries > 300) throw new Error(readFileSync(log, 'utf8').slice(-2000), { cause: error });
      await pause(100);
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const asUser = (user: string) => (user === 'root' ? [] : [`--reuid=${user}`, `--regid=${user}`, '--clear-groups']);

function execute(user: string, command: string[]) {
  execFileSync('setpriv', [...asUser(user), ...command], { stdio: 'pipe', cwd: '/' });
}

function give(dir: string, user: string) {
  const id = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  mkdirSync(dir, { recursive: true });
  chownSync(dir, id('-u'), id('-g'));
}
