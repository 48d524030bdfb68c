import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { send } from '../../lib/scripts/processes.ts';
import { needs, postgresPrograms } from '../require.ts';
import { KINDS, type ServerAddon } from './kinds.ts';
import { processesBelow } from './remains.ts';

const CLI = join(import.meta.dirname, '../../dist/cli.cjs');

/** A server as the distribution's package starts it: on the default port and in the default places for its sockets. */
interface Distributed {
  port: number;
  /** Directories that its programs and clients expect in /run. */
  run: string;
  user: string;
  install(dir: string): string[];
  command(dir: string): string[];
  /** As its administrator: makes something, and tells everything that it holds. */
  fill: string[];
  tell: string[];
}

const [bin = ''] = postgresPrograms();
const mysqlArea = (dir: string) => ['--no-defaults', `--datadir=${dir}/data`];

const DISTRIBUTED: Record<ServerAddon, Distributed> = {
  redis: {
    port: 6379,
    run: '/run/redis',
    user: 'redis',
    install: () => ['true'],
    command: (dir) => ['redis-server', '--dir', dir, '--unixsocket', '/run/redis/redis-server.sock'],
    fill: ['redis-cli', 'SET', 'key', 'of the machine'],
    tell: [
      'redis-cli',
      'EVAL',
      "return {redis.call('KEYS','*'), redis.call('GET','key'), redis.call('ACL','LIST')}",
      '0',
    ],
  },
  postgresql: {
    port: 5432,
    run: '/run/postgresql',
    user: 'postgres',
    install: (dir) => [`${bin}/initdb`, '-D', `${dir}/data`, '-A', 'trust', '--no-sync'],
    command: (dir) => [`${bin}/postgres`, '-D', `${dir}/data`, '-k', '/run/postgresql', '-c', 'fsync=off'],
    fill: ['psql', '-U', 'postgres', '-c', 'CREATE DATABASE mine'],
    tell: [
      'psql',
      '-U',
      'postgres',
      '-Atc',
      'SELECT datname FROM pg_database UNION SELECT rolname FROM pg_roles ORDER BY 1',
    ],
  },
  mariadb: {
    port: 3306,
    run: '/run/mysqld',
    user: 'mysql',
    install: (dir) => ['mariadb-install-db', ...mysqlArea(dir), '--auth-root-authentication-method=normal'],
    command: (dir) => ['mariadbd', ...mysqlArea(dir), '--socket=/run/mysqld/mysqld.sock'],
    fill: ['mariadb', '--no-defaults', '-u', 'root', '-e', 'CREATE DATABASE mine'],
    tell: ['mariadb', '--no-defaults', '-u', 'root', '-e', 'SHOW DATABASES; SELECT user, host FROM mysql.user'],
  },
};

const ADDONS = Object.keys(DISTRIBUTED) as ServerAddon[]; // its keys are all of them
const programs = ADDONS.flatMap((addon) => KINDS[addon].programs);

describe.skipIf(!needs('root', 'unshare', 'nsenter', 'ip', 'setpriv', ...programs))(
  "beside the distribution's own",
  () => {
    const machines: Machine[] = [];
    afterEach(async () => {
      for (const machine of machines.splice(0)) await machine.remove();
    });

    test.each(ADDONS)('%s server, which is left alone', async (addon) => {
      const { install, command, user, fill, tell, run, port } = DISTRIBUTED[addon];
      const machine = await openMachine(run, user);
      machines.push(machine);
      const { dir } = machine;
      machine.call(...asUser(user), ...install(dir));
      const server = machine.start(...asUser(user), ...command(dir));
      while (!machine.succeeds(...tell)) await pause(50);
      machine.call(...fill);
      const before = machine.call(...tell);
      const listened = machine.call('cat', '/proc/net/tcp');

      mkdirSync(join(dir, 'home/apps/shop'), { recursive: true });
      machine.addons('enable', addon);
      machine.addons('add', 'shop', addon);
      machine.addons('release', 'shop');
      const url = new URL(machine.addons('url', 'shop', addon).trim());
      expect(Number(url.port)).not.toBe(port);
      machine.addons('rotate', 'shop', addon);
      machine.addons('remove', 'shop', addon, '--force');
      machine.addons('disable', addon);

      expect(machine.call(...tell)).toBe(before);
      expect(server.exitCode).toBeNull();
      expect(machine.call('cat', '/proc/net/tcp').match(/ 0A /g)).toEqual(listened.match(/ 0A /g));
    });
  },
);

/** Ports and /run of its own; programs and users are the real machine's. */
interface Machine {
  dir: string;
  call(...command: string[]): string;
  succeeds(...command: string[]): boolean;
  start(...command: string[]): ChildProcess;
  addons(...words: string[]): string;
  remove(): Promise<void>;
}

async function openMachine(run: string, user: string): Promise<Machine> {
  const dir = mkdtempSync(join(tmpdir(), 'distribution-'));
  chmodSync(dir, 0o711);
  execFileSync('chown', [user, dir]);
  const made = existsSync(run) ? [] : [run];
  mkdirSync(run, { recursive: true });
  const prepare =
    'ip link set lo up && mount -t tmpfs none "$1" && chown "$2" "$1" && echo ready && exec sleep infinity';
  const holder = spawn('unshare', ['--net', '--mount', 'sh', '-c', prepare, 'sh', run, user], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  const inside = ['--target', String(holder.pid), '--net', '--mount'];
  const env = { ...process.env, ADDONS_HOME: join(dir, 'home'), DOCKER_HOST: 'unix:///nowhere/docker.sock' };
  mkdirSync(join(dir, 'home'));
  chmodSync(join(dir, 'home'), 0o711);
  const machine: Machine = {
    dir,
    call: (...command) => execFileSync('nsenter', [...inside, ...command], { encoding: 'utf8', env, stdio: 'pipe' }),
    succeeds(...command) {
      try {
        machine.call(...command);
        return true;
      } catch {
        return false;
      }
    },
    start: (...command) => spawn('nsenter', [...inside, ...command], { stdio: 'ignore', cwd: dir }),
    addons: (...words) => machine.call('node', CLI, ...words),
    async remove() {
      for (const pid of processesBelow(dir)) send('SIGKILL', pid);
      const ended = once(holder, 'exit');
      holder.kill('SIGKILL');
      await ended;
      rmSync(dir, { recursive: true, force: true });
      for (const path of made) rmSync(path, { recursive: true, force: true });
    },
  };
  return machine;
}

const asUser = (user: string) => ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
