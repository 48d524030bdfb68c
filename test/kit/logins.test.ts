import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { logIn } from '../../lib/kit/logins.ts';
import { needs } from '../require.ts';
import { temporary } from './box.ts';

const PASSWORD = "p@ss:w/rd'1";
const ENCODED = encodeURIComponent(PASSWORD);

test.skipIf(!needs('redis-server'))('redis: lets in who knows the password, and no one else', async () => {
  const directory = temporary();
  writeFileSync(join(directory, 'conf'), `requirepass "${PASSWORD}"\nsave ""\n`);
  const port = await freePort();
  run('redis-server', [join(directory, 'conf'), '--port', String(port), '--bind', '127.0.0.1', '--dir', directory]);
  const url = (login: string) => `redis://${login}@127.0.0.1:${port}/0`;
  expect(await answered(url(`:${ENCODED}`))).toEqual({ end: 'accepted' });
  expect(await logIn(url(`default:${ENCODED}`))).toEqual({ end: 'accepted' });
  expect(await logIn(url('default:wrong'))).toEqual({ end: 'refused' });
  expect(await logIn(`redis://127.0.0.1:${port}`)).toEqual({ end: 'refused' });
});

test.skipIf(!needs('mariadbd', 'mariadb-install-db', 'root'))('mariadb: lets in who knows the password', async () => {
  const directory = temporary();
  const data = join(directory, 'data');
  chmodSync(directory, 0o755);
  mkdirSync(data);
  spawnSync('chown', ['mysql:', data]);
  const options = [`--datadir=${data}`, '--user=mysql'];
  spawnSync('mariadb-install-db', ['--no-defaults', ...options, '--skip-test-db'], { stdio: 'ignore' });
  const accounts = [
    "DELETE FROM mysql.global_priv WHERE User = '';", // nobody: it would stand before the others on this machine
    'FLUSH PRIVILEGES;',
    'CREATE DATABASE shop;',
    `CREATE USER shop@'%' IDENTIFIED BY "${PASSWORD}";`,
    "GRANT ALL ON shop.* TO shop@'%';",
  ].join('\n');
  writeFileSync(join(directory, 'init'), accounts);
  const port = await freePort();
  const socket = `--socket=${join(data, 's')}`;
  const network = [`--port=${port}`, '--bind-address=127.0.0.1', socket, `--init-file=${join(directory, 'init')}`];
  run('mariadbd', ['--no-defaults', ...options, ...network]);
  const url = (login: string, name = 'shop') => `mysql://${login}@127.0.0.1:${port}/${name}`;
  expect(await answered(url(`shop:${ENCODED}`))).toEqual({ end: 'accepted' });
  expect(await logIn(`mariadb://shop:${ENCODED}@localhost?socket=${encodeURIComponent(join(data, 's'))}`)).toEqual({
    end: 'accepted',
  });
  expect(await logIn(url('shop:wrong'))).toEqual({ end: 'refused' });
  expect(await logIn(url(`shop:${ENCODED}`, 'mysql'))).toEqual({ end: 'refused' });
  expect(await logIn(url('shop'))).toEqual({ end: 'refused' });
});

test.skipIf(!needs('root', '/usr/lib/postgresql/15/bin/postgres'))(
  'postgresql: lets in who knows the password',
  async () => {
    const directory = temporary();
    chmodSync(directory, 0o755);
    const data = join(directory, 'data');
    mkdirSync(data);
    spawnSync('chown', ['postgres:', data]);
    writeFileSync(join(directory, 'password'), PASSWORD, { mode: 0o644 });
    const bin = '/usr/lib/postgresql/15/bin';
    const init = [
      '-D',
      data,
      '-A',
      'scram-sha-256',
      '-U',
      'shop',
      `--pwfile=${join(directory, 'password')}`,
      '--no-sync',
    ];
    spawnSync('runuser', ['-u', 'postgres', '--', `${bin}/initdb`, ...init], { stdio: 'ignore', cwd: '/' });
    const port = await freePort();
    const uid = Number(spawnSync('id', ['-u', 'postgres'], { encoding: 'utf8' }).stdout);
    run(`${bin}/postgres`, ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', data], { uid, gid: uid });
    const url = (login: string) => `postgres://${login}@127.0.0.1:${port}/postgres`;
    expect(await answered(url(`shop:${ENCODED}`))).toEqual({ end: 'accepted' });
    expect(await logIn(url('shop:wrong'))).toEqual({ end: 'refused' });
    expect(await logIn(url(`nobody:${ENCODED}`))).toEqual({ end: 'refused' });
  },
);

test('http: lets in who knows the password', async () => {
  const expected = `Basic ${Buffer.from(`me:${PASSWORD}`).toString('base64')}`;
  const server = createServer(({ headers }, answer) => {
    answer.statusCode = headers.authorization === expected ? 200 : 401;
    answer.end();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await pause(10);
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a path
  expect(await logIn(`http://me:${ENCODED}@127.0.0.1:${port}/`)).toEqual({ end: 'accepted' });
  expect(await logIn(`http://me:wrong@127.0.0.1:${port}/`)).toEqual({ end: 'refused' });
});

test('files: are there or not', async () => {
  const directory = temporary();
  writeFileSync(join(directory, 'a b'), '');
  expect(await logIn(`sqlite://${directory}/a%20b`)).toEqual({ end: 'accepted' });
  expect(await logIn(`file://${directory}/gone`)).toEqual({ end: 'failed', why: 'there is no such file' });
});

test.each(['redis', 'mysql', 'postgres', 'http'])(
  '%s: where nobody listens it fails, and is not refused',
  async (scheme) => {
    const end = await logIn(`${scheme}://me:secret@127.0.0.1:${await freePort()}/x`);
    expect(end.end).toBe('failed');
    expect(JSON.stringify(end)).not.toContain('secret');
  },
);

test('a scheme that is not known is not tried', async () => {
  expect(await logIn('amqp://me:secret@127.0.0.1/x')).toEqual({ end: 'unknown-scheme' });
});

/** The first answer of a server that is just starting. */
async function answered(url: string) {
  for (;;) {
    const end = await logIn(url);
    // 57P03: PostgreSQL is starting up.
    if (end.end !== 'failed') return end;
    await pause(50);
  }
}

function run(program: string, args: string[], user: { uid?: number; gid?: number } = {}): void {
  const child = spawn(program, args, { stdio: 'ignore', ...user });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await new Promise((resolve) =>
      child.exitCode === null && child.signalCode === null ? child.once('exit', resolve) : resolve(undefined),
    );
  });
}

async function freePort(): Promise<number> {
  const server = createSocketServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo; // as above
  await new Promise((resolve) => server.close(resolve));
  return port;
}
