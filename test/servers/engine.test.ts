import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import mysql from 'mariadb';
import pg from 'pg';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestProject } from 'vitest/node';
import { interfacesOf } from './engine/bridge.ts';
import { docker } from './engine/client.ts';
import { startDockerd } from './engine/dockerd.ts';
import setUpRun, { type Answer } from './engine/global-setup.ts';
import { mountsBelow, processesOf } from './engine/leftovers.ts';
import { canRunContainers, type Engine, engine, type OwnEngine, ownEngine } from './engine.ts';

const SERVER = 999;

describe.skipIf(!canRunContainers('mariadb', 'postgres', 'redis'))(
  'an engine of the tests',
  { concurrent: true, timeout: 300_000 },
  () => {
    let shared: Engine;
    beforeAll(async () => {
      shared = await engine();
    });

    test('is one for all that ask', async () => {
      expect((await engine()).host).toBe(shared.host);
    });

    test('has networks of its own, with addresses of its own', async () => {
      await shared.docker('network', 'create', 'further');
      const subnet = await shared.docker(
        'network',
        'inspect',
        '--format',
        '{{(index .IPAM.Config 0).Subnet}}',
        'further',
      );
      expect(subnet.replace(/\d+\.\d+\/\d+$/, '')).toBe(shared.prefix.replace(/\d+$/, ''));
      await shared.docker('network', 'rm', 'further');
    });

    test('is gone after the run, with its containers, networks, mounts and files', async () => {
      const run = await startRun();
      const { host, prefix, tag } = await run.ask('/redis/own');
      await docker(host, ['network', 'create', 'further']);
      await docker(host, ['run', '--detach', '--restart', 'always', '--network', 'further', String(tag)]);
      // What `ownEngine` makes, by a test file that did not stop it.
      const own = await startDockerd(join(run.directory, 'own-1'));
      expect(processesOf(run.directory)).not.toEqual([]);
      expect(mountsBelow(run.directory)).not.toEqual([]);
      await run.end();
      const further = prefix.replace(/\d+$/, (low) => `${Number(low) + 1}`);
      expect([...interfacesOf({ prefix, further }), ...interfacesOf(own.bridge)]).toEqual([]);
      expect(processesOf(run.directory)).toEqual([]);
      expect(mountsBelow(run.directory)).toEqual([]);
      expect(existsSync(run.directory)).toBe(false);
    });

    test('is gone with the start of the next run where its own was killed', async () => {
      const killed = mkdtempSync(join(tmpdir(), 'addons-engines-'));
      const listen = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
      spawnSync(process.execPath, ['-e', listen, join(killed, 'ask')]);
      const dockerd = await startDockerd(join(killed, 'shared'));
      dockerd.process.kill('SIGKILL');
      await (await startRun()).end();
      expect(interfacesOf(dockerd.bridge)).toEqual([]);
      expect(processesOf(dockerd.directory)).toEqual([]);
      expect(existsSync(killed)).toBe(false);
    });

    describe('with redis', () => {
      test('answers at its address on the bridge, and keeps its data in a directory of the machine', async () => {
        const image = await shared.image('redis');
        const data = directory();
        const first = await start(shared, ['--volume', `${data}:/data`], image, '--appendonly', 'yes');
        await withRedis(await first.address(), (client) => client.set('key', 'value'));
        await first.remove();
        const second = await start(shared, ['--volume', `${data}:/data`], image, 'redis-server', '--appendonly', 'yes');
        expect(await withRedis(await second.address(), (client) => client.get('key'))).toBe('value');
        expect(await second.uid()).toBe(SERVER);
        expect(statSync(join(data, 'appendonlydir')).uid).toBe(SERVER);
      });

      test('takes a configuration file for its command', async () => {
        const conf = join(directory(), 'own.conf');
        writeFileSync(conf, 'requirepass secret\nmaxmemory 20mb\n');
        const mount = ['--volume', `${conf}:/etc/own.conf`];
        const container = await start(shared, mount, await shared.image('redis'), '/etc/own.conf');
        const address = await container.address();
        const memory = await withRedis(address, (client) => client.info('memory'), 'secret');
        expect(memory).toContain('maxmemory:20971520');
        await expect(withRedis(address, (client) => client.get('key'))).rejects.toThrow('NOAUTH');
      });

      test('has the tools a script needs, in a container of its own or in one that runs', async () => {
        const image = await shared.image('redis');
        const script =
          'id -u && pwd && touch a && chown redis a && stat -c %u a && rm a && redis-cli --version | cut -c1-9';
        const told = await shared.docker('run', '--rm', '--entrypoint', 'sh', image, '-c', script);
        expect(told.split('\n')).toEqual(['0', '/data', `${SERVER}`, 'redis-cli']);
        const container = await start(shared, [], image);
        await container.address();
        expect(await container.exec('redis-cli', 'ping')).toBe('PONG');
      });

      test('has a next version, which says so', async () => {
        const image = await shared.image('redis', 'next');
        expect(image).not.toBe(await shared.image('redis'));
        const major = Number(image.split(':')[1]);
        expect(await shared.docker('run', '--rm', image, 'redis-server', '--version')).toContain(`v=${major}.`);
        const container = await start(shared, [], image);
        const server = await withRedis(await container.address(), (client) => client.info('server'));
        expect(server).toContain(`redis_version:${major}.`);
      });
    });

    describe('with PostgreSQL', () => {
      test('lets in who has the password, and anybody on its own socket', async () => {
        const options = [
          '--env',
          'POSTGRES_PASSWORD=secret',
          '--env',
          'POSTGRES_USER=chief',
          '--env',
          'POSTGRES_DB=shop',
        ];
        const image = await shared.image('postgres');
        const container = await start(shared, options, image, '-c', 'max_connections=33');
        const address = await container.address();
        const found = await sql(
          address,
          'chief:secret',
          'shop',
          'SELECT current_user AS me, current_setting($1) AS max',
        );
        expect(found).toEqual([{ me: 'chief', max: '33' }]);
        await expect(sql(address, 'chief:wrong', 'shop', 'SELECT $1::text')).rejects.toThrow('password');
        const query = ['psql', '--username', 'chief', '--dbname', 'shop', '-Atc'];
        expect(
          await container.exec(...query, 'SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1'),
        ).toBe('postgres\nshop');
        expect(await container.exec(...query, 'SHOW server_encoding')).toBe('UTF8');
        expect(await container.uid()).toBe(SERVER);
      });

      test('keeps its data in a directory of the machine, and reads its password from a file', async () => {
        const image = await shared.image('postgres');
        const [data, secrets] = [directory(), directory()];
        writeFileSync(join(secrets, 'password'), "it's\n");
        const mounts = ['--volume', `${data}:/var/lib/postgresql/data`, '--volume', `${secrets}:/run/secrets`];
        const file = ['--env', 'POSTGRES_PASSWORD_FILE=/run/secrets/password', '--env', 'POSTGRES_INITDB_ARGS=-k'];
        const first = await start(shared, [...mounts, ...file], image);
        await sql(await first.address(), "postgres:it's", 'postgres', 'SELECT $1::text');
        expect(await first.exec('psql', '-U', 'postgres', '-Atc', 'SHOW data_checksums')).toBe('on');
        await first.exec('psql', '-U', 'postgres', '-c', 'CREATE TABLE kept AS SELECT 7 AS number');
        expect(await first.exec('sh', '-c', 'pg_dump -U postgres -Fc postgres | pg_restore -f -')).toContain('kept');
        await shared.docker('stop', first.id);
        expect(await shared.docker('inspect', '--format', '{{.State.ExitCode}}', first.id)).toBe('0');
        await first.remove();
        const second = await start(shared, mounts, image);
        await second.address();
        expect(await second.exec('psql', '-U', 'postgres', '-Atc', 'SELECT number FROM kept')).toBe('7');
        await second.remove();

        const next = await start(shared, mounts, await shared.image('postgres', 'next'));
        expect(await next.ended()).not.toBe(0);
        expect(await next.log()).toContain('database files are incompatible with server');
      });

      test('answers on its socket before it is initialised, as the official image does', async () => {
        const scripts = directory();
        writeFileSync(join(scripts, 'wait.sh'), 'until [ -e /tmp/go ]; do sleep 0.05; done\n');
        const options = ['--env', 'POSTGRES_PASSWORD=secret', '--volume', `${scripts}:/docker-entrypoint-initdb.d`];
        const container = await start(shared, options, await shared.image('postgres'));
        await until(shared, container.id, () => container.exec('pg_isready'));
        await expect(container.exec('pg_isready', '--host', '127.0.0.1')).rejects.toThrow();
        await container.exec('touch', '/tmp/go');
        await until(shared, container.id, () => container.exec('pg_isready', '--host', '127.0.0.1'));
      });

      test('is refused without a password', async () => {
        const container = await start(shared, [], await shared.image('postgres'));
        expect(await container.ended()).toBe(1);
        expect(await container.log()).toContain('superuser password is not specified');
      });

      test('has a next version, whose databases are of it', async () => {
        const image = await shared.image('postgres', 'next');
        const [, major] = image.split(':');
        const container = await start(shared, ['--env', 'POSTGRES_PASSWORD=a', '--env', 'POSTGRES_DB=shop'], image);
        await container.address();
        const files = await container.exec('sh', '-c', 'cat $PGDATA/PG_VERSION $PGDATA/base/*/PG_VERSION | sort -u');
        expect(files).toBe(major);
        expect(await container.exec('sh', '-c', 'echo $PG_MAJOR; postgres --version')).toMatch(
          `${major}\npostgres (Postg`,
        );
        expect(await container.exec('psql', '-U', 'postgres', '-Atc', 'SHOW server_version')).toMatch(`${major}.`);
      });
    });

    describe('with MariaDB', () => {
      test('keeps its data in a directory of the machine, and takes settings from conf.d', async () => {
        const image = await shared.image('mariadb');
        const [data, conf] = [directory(), directory()];
        writeFileSync(join(conf, 'own.cnf'), '[mariadbd]\nmax_connections=44\n');
        const mounts = ['--volume', `${data}:/var/lib/mysql`, '--volume', `${conf}:/etc/mysql/conf.d`];
        const first = await start(shared, [...mounts, '--env', "MARIADB_ROOT_PASSWORD=it's"], image);
        const found = await maria(
          await first.address(),
          "it's",
          'SELECT @@max_connections AS max, @@skip_networking AS skip',
        );
        expect(found).toEqual([{ max: 44n, skip: 0n }]);
        await expect(maria(await first.address(), 'wrong', 'SELECT 1')).rejects.toThrow('Access denied');
        const users = await maria(
          await first.address(),
          "it's",
          "SELECT host AS host FROM mysql.user WHERE user = 'root' ORDER BY 1",
        );
        expect(users).toEqual([{ host: '%' }, { host: 'localhost' }]);
        await maria(await first.address(), "it's", 'CREATE DATABASE shop');
        expect(await first.uid()).toBe(SERVER);
        await first.remove();
        const second = await start(shared, mounts, image, '--max-connections=55');
        const again = await maria(await second.address(), "it's", "SHOW DATABASES LIKE 'shop'");
        expect(again).toHaveLength(1);
        await second.exec('sh', '-c', `MYSQL_PWD="it's" mariadb-admin ping && MYSQL_PWD="it's" mariadb-dump shop`);
        await second.remove();

        const next = await start(
          shared,
          [...mounts, '--env', 'MARIADB_AUTO_UPGRADE=1'],
          await shared.image('mariadb', 'next'),
        );
        const [upgraded] = await maria(await next.address(), "it's", 'SELECT version() AS version');
        expect(String(upgraded?.version)).toMatch(
          new RegExp(`^${(await shared.image('mariadb', 'next')).split(':')[1]}\\.`),
        );
      });

      test('lets root in from nowhere else where the host says so, and reads its password from a file', async () => {
        const secrets = directory();
        writeFileSync(join(secrets, 'password'), 'secret\n');
        const file = [
          '--volume',
          `${secrets}:/run/secrets`,
          '--env',
          'MARIADB_ROOT_PASSWORD_FILE=/run/secrets/password',
        ];
        const options = [...file, '--env', 'MARIADB_ROOT_HOST=localhost'];
        const container = await start(shared, options, await shared.image('mariadb'));
        const address = await container.address();
        expect(await container.exec('sh', '-c', "MYSQL_PWD=secret mariadb -NBe 'SELECT current_user()'")).toBe(
          'root@localhost',
        );
        await expect(maria(address, 'secret', 'SELECT 1')).rejects.toThrow('not allowed to connect');
      });

      test('is refused without a password', async () => {
        const container = await start(shared, [], await shared.image('mariadb'));
        expect(await container.ended()).toBe(1);
        expect(await container.log()).toContain('password option is not specified');
      });
    });
  },
);

describe.skipIf(!canRunContainers('redis'))('an engine for one test file', () => {
  let own: OwnEngine;
  let image: string;
  beforeAll(async () => {
    own = await ownEngine();
    image = await own.image('redis');
  });
  afterAll(() => own.stop());

  test('is beside the shared one, and neither sees the containers of the other', async () => {
    const shared = await engine();
    const ours = await start(own, [], image);
    const theirs = await start(shared, [], await shared.image('redis'));
    expect(own.prefix).not.toBe(shared.prefix);
    await withRedis(await ours.address(), (client) => client.set('key', 'ours'));
    await withRedis(await theirs.address(), (client) => client.set('key', 'theirs'));
    expect(await withRedis(await ours.address(), (client) => client.get('key'))).toBe('ours');
    expect(await own.docker('ps', '--quiet', '--no-trunc')).toBe(ours.id);
    await ours.remove();
  });

  test.each([{ by: 'shutdown' }, { by: 'power cut' }] as const)(
    'comes up after a $by with the containers whose policy says so, at other addresses',
    async ({ by }) => {
      const stays = await start(own, ['--restart', 'unless-stopped'], image, '--appendonly', 'yes');
      const goes = await start(own, [], image);
      const before = await stays.address();
      const pid = await own.docker('inspect', '--format', '{{.State.Pid}}', stays.id);
      await withRedis(before, (client) => client.set('key', 'value'));
      await own.restart({ by, addresses: 'moved' });
      expect(await own.docker('ps', '--quiet', '--no-trunc')).toBe(stays.id);
      expect(await own.docker('inspect', '--format', '{{.State.Pid}}', stays.id)).not.toBe(pid);
      const after = await stays.address();
      expect(after).not.toBe(before);
      expect(after.startsWith(`${own.prefix}.`)).toBe(true);
      expect(await withRedis(after, (client) => client.get('key'))).toBe('value');
      await stays.remove();
      await goes.remove();
    },
  );

  test('comes up with containers in exchanged places where their order is told', async () => {
    await own.restart();
    const [one, two] = [await start(own, ['--restart', 'always'], image), await start(own, [], image)];
    const [first, second] = [await one.address(), await two.address()];
    await own.restart({ addresses: [two.id, one.id] });
    expect(await two.address()).toBe(first);
    expect(await one.address()).toBe(second);
    const policies = await own.docker('inspect', '--format', '{{.HostConfig.RestartPolicy.Name}}', one.id, two.id);
    expect(policies).toBe('always\nno');
    await one.remove();
    await two.remove();
  });

  test('can be away for a while', async () => {
    const container = await start(own, ['--restart', 'always'], image);
    const address = await container.address();
    await own.halt();
    await expect(own.docker('ps')).rejects.toThrow('Is the docker daemon running?');
    await expect(withRedis(address, (client) => client.ping())).rejects.toThrow();
    await own.resume();
    await withRedis(await container.address(), (client) => client.ping());
    await container.remove();
  });
});

/** A container that a test started. */
interface Started {
  id: string;
  /** Its address on the bridge, as soon as its server answers there. */
  address(): Promise<string>;
  exec(...words: string[]): Promise<string>;
  log(): Promise<string>;
  /** Its exit status, once it has ended. */
  ended(): Promise<number>;
  /** The user its first process runs as. */
  uid(): Promise<number>;
  remove(): Promise<void>;
}

async function start(engine: Engine, options: string[], image: string, ...words: string[]): Promise<Started> {
  const { docker } = engine;
  const id = await docker('run', '--detach', ...options, image, ...words);
  const remove = async () => void (await docker('rm', '--force', '--volumes', id).catch(() => undefined));
  containers.push(remove);
  const port = await docker('inspect', '--format', '{{range $key, $_ := .Config.ExposedPorts}}{{$key}}{{end}}', id);
  return {
    id,
    async address() {
      let address = '';
      await until(engine, id, async () => {
        address ||= await engine.address(id);
        await connected(address, Number.parseInt(port, 10));
      });
      // PostgreSQL listens before it lets anybody in.
      if (port.startsWith('5432')) await until(engine, id, () => docker('exec', id, 'pg_isready', '-h', address));
      return address;
    },
    exec: (...command) => docker('exec', id, ...command),
    log: async () => readFileSync(await docker('inspect', '--format', '{{.LogPath}}', id), 'utf8'),
    ended: async () => Number(await docker('wait', id)),
    uid: async () => Number(await docker('exec', id, 'stat', '-c', '%u', '/proc/1')),
    remove,
  };
}

const containers: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(containers.map((remove) => remove())));

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'engine-test-'));
  chmodSync(made, 0o755);
  directories.push(made);
  return made;
}

const directories: string[] = [];
afterAll(() => {
  for (const made of directories) rmSync(made, { recursive: true, force: true });
});

async function withRedis<T>(host: string, use: (client: RedisClient) => Promise<T>, password?: string) {
  const open = client(host, password);
  open.on('error', () => {});
  await open.connect();
  try {
    return await use(open);
  } finally {
    open.destroy();
  }
}

type RedisClient = ReturnType<typeof client>;

const client = (host: string, password?: string) =>
  createClient({
    socket: { host, reconnectStrategy: false, connectTimeout: 5_000 },
    ...(password === undefined ? {} : { password }),
  });

async function sql(host: string, login: string, database: string, statement: string) {
  const [user, password] = login.split(':');
  const open = new pg.Client({ host, user, password, database });
  await open.connect();
  try {
    return (await open.query(statement, ['max_connections'])).rows;
  } finally {
    await open.end();
  }
}

async function maria(host: string, password: string, statement: string): Promise<Record<string, unknown>[]> {
  const open = await mysql.createConnection({ host, user: 'root', password });
  try {
    const found: unknown = await open.query(statement);
    return Array.isArray(found) ? [...found] : [];
  } finally {
    await open.end();
  }
}

/** What vitest does for a run, for a run of its own. */
async function startRun() {
  const provided: string[] = [];
  const end = await setUpRun({ provide: (_: string, value: string) => provided.push(value) } as unknown as TestProject);
  const directory = String(provided[0]);
  const ask = (path: string) =>
    new Promise<Exclude<Answer, { error: string }>>((resolve, reject) => {
      const asked = request({ socketPath: join(directory, 'ask'), path }, (answer) => resolve(json(text(answer))));
      asked.on('error', reject).end();
    });
  return { directory, end, ask };
}

const json = async (told: Promise<string>) => JSON.parse(await told);

/** Tries again until it is done, or the container has ended. */
async function until({ docker }: Engine, container: string, done: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await done();
      return;
    } catch (error) {
      await pause(50);
      if (attempt % 10 > 0) continue;
      const [running, log] = (await docker('inspect', '-f', '{{.State.Running}} {{.LogPath}}', container)).split(' ');
      if (running === 'false') throw new Error(readFileSync(String(log), 'utf8'), { cause: error });
    }
  }
}

const connected = (host: string, port: number) =>
  new Promise<void>((resolve, reject) => {
    if (host === '') throw new Error('It does not run');
    const socket = connect({ host, port });
    socket.on('error', reject).on('connect', () => {
      socket.destroy();
      resolve();
    });
  });
