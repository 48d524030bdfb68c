import { spawn, spawnSync } from 'node:child_process';
import { constants, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
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

test.skipIf(!needs('mariadbd', 'mariadb-install-db', 'openssl', 'root'))(
  'mariadb: lets in who knows the password',
  async () => {
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
      `CREATE USER sealed@'%' IDENTIFIED BY "${PASSWORD}" REQUIRE SSL;`,
    ].join('\n');
    writeFileSync(join(directory, 'init'), accounts);
    const port = await freePort();
    const socket = `--socket=${join(data, 's')}`;
    const network = [`--port=${port}`, '--bind-address=127.0.0.1', socket, `--init-file=${join(directory, 'init')}`];
    const { key, certificate } = certify(directory, 'mysql');
    run('mariadbd', ['--no-defaults', ...options, ...network, `--ssl-key=${key}`, `--ssl-cert=${certificate}`]);
    const url = (login: string, name = 'shop') => `mysql://${login}@127.0.0.1:${port}/${name}`;
    expect(await answered(url(`shop:${ENCODED}`))).toEqual({ end: 'accepted' });
    expect(await logIn(`mariadb://shop:${ENCODED}@localhost?socket=${encodeURIComponent(join(data, 's'))}`)).toEqual({
      end: 'accepted',
    });
    expect(await logIn(url('shop:wrong'))).toEqual({ end: 'refused' });
    expect(await logIn(url(`shop:${ENCODED}`, 'mysql'))).toEqual({ end: 'refused' });
    expect(await logIn(url('shop'))).toEqual({ end: 'refused' });
    // An account that wants TLS.
    expect(await logIn(url(`sealed:${ENCODED}`, ''))).toEqual({ end: 'accepted' });
    expect(await logIn(url('sealed:wrong', ''))).toEqual({ end: 'refused' });
  },
);

test.skipIf(!needs('root', 'openssl', '/usr/lib/postgresql/15/bin/postgres'))(
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
    // Let in from here under TLS only.
    writeFileSync(join(data, 'pg_hba.conf'), 'local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n');
    const { key, certificate } = certify(data, 'postgres');
    const tls = ['-c', 'ssl=on', '-c', `ssl_key_file=${key}`, '-c', `ssl_cert_file=${certificate}`];
    run(`${bin}/postgres`, [...tls, '-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', data], { uid, gid: uid });
    const url = (login: string) => `postgres://${login}@127.0.0.1:${port}/postgres`;
    expect(await answered(url(`shop:${ENCODED}`))).toEqual({ end: 'accepted' });
    expect(await logIn(url('shop:wrong'))).toEqual({ end: 'refused' });
    expect(await logIn(url(`nobody:${ENCODED}`))).toEqual({ end: 'refused' });
    expect(await logIn(`${url(`shop:${ENCODED}`)}?sslmode=require`)).toEqual({ end: 'accepted' });
    expect(await logIn(`${url(`shop:${ENCODED}`)}?sslmode=disable`)).toEqual({ end: 'refused' });
  },
);

test('http: lets in who knows the password', async () => {
  const expected = `Basic ${Buffer.from(`me:${PASSWORD}`).toString('base64')}`;
  const server = createServer(({ headers, url }, answer) => {
    answer.statusCode = url === '/gone' ? 404 : headers.authorization === expected ? 200 : 401;
    answer.end();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await pause(10);
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a path
  expect(await logIn(`http://me:${ENCODED}@127.0.0.1:${port}/`)).toEqual({ end: 'accepted' });
  expect(await logIn(`http://me:wrong@127.0.0.1:${port}/`)).toEqual({ end: 'refused' });
  // It is not said whether the password was looked at.
  expect(await logIn(`http://me:wrong@127.0.0.1:${port}/gone`)).toMatchObject({ end: 'unknown' });
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
  expect(await logIn('amqp://me:secret@127.0.0.1/x')).toMatchObject({ end: 'unknown' });
});

describe('mysql: caching_sha2_password', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const salt = Buffer.from('abcdefghijklmnopqrst');
  const plugin = 'caching_sha2_password';

  test.each([
    ['a password that the server remembers', [[1, 3]], PASSWORD],
    ['one that it wants to have whole, encrypted', [[1, 4], 'key'], PASSWORD],
    ['a wrong one', [[1, 4], 'key'], 'wrong'],
  ] as const)('%s', async (_, script, password) => {
    const given: Buffer[] = [];
    const port = await listen((socket) => {
      const steps = [...script];
      let order = 0;
      const say = (...bytes: (Buffer | string | number[])[]) => socket.write(framed(order, bytes));
      say(greeting(plugin, salt));
      socket.on('data', (bytes: Buffer) => {
        given.push(bytes.subarray(4));
        order = bytes.readUInt8(3) + 1;
        const step = steps.shift();
        if (step === 'key') say([1], publicKey.export({ type: 'spki', format: 'pem' }).toString());
        else if (step) say([...step]);
        if (step && step !== 'key' && step[1] === 4) return;
        if (step === 'key') return;
        const knows = script.length === 1 || decrypted(given.at(-1)) === PASSWORD;
        say(knows ? [0, 0, 0, 2, 0, 0, 0] : [0xff, 0x15, 0x04]);
      });
    });
    const end = await logIn(`mysql://me:${encodeURIComponent(password)}@127.0.0.1:${port}/`);
    expect(end).toEqual({ end: password === PASSWORD ? 'accepted' : 'refused' });
    expect(Buffer.concat(given).includes(password)).toBe(false);
  });

  function decrypted(bytes: Buffer = Buffer.alloc(0)): string {
    const plain = privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING }, bytes);
    const text = plain.map((byte, at) => byte ^ (salt[at % salt.length] ?? 0));
    return Buffer.from(text).toString().replace(/\0$/, '');
  }

  test('over a socket of this machine the password goes as it is: nobody else can listen', async () => {
    const path = join(temporary(), 's');
    const given: Buffer[] = [];
    const server = createSocketServer((socket) => {
      socket.write(framed(0, [greeting(plugin, salt)]));
      socket.on('data', (bytes: Buffer) => {
        given.push(bytes.subarray(4));
        socket.write(framed(bytes.readUInt8(3) + 1, [given.length === 1 ? [1, 4] : [0, 0, 0, 2, 0, 0, 0]]));
      });
    }).listen(path);
    onTestFinished(() => void server.close());
    expect(await logIn(`mysql://me:${ENCODED}@localhost/?socket=${encodeURIComponent(path)}`)).toEqual({
      end: 'accepted',
    });
    expect(given[1]?.toString()).toBe(`${PASSWORD}\0`);
  });
});

describe('mysql: a server that', () => {
  const salt = Buffer.alloc(20, 'x');

  test('wants an account proved in a way that is not known here is no fault', async () => {
    const port = await listen((socket) => {
      socket.write(framed(0, [greeting('mysql_native_password', salt)]));
      socket.once('data', () => socket.write(framed(2, [[0xfe], 'client_ed25519\0', salt])));
    });
    const end = await logIn(`mysql://me:${ENCODED}@127.0.0.1:${port}/`);
    expect(end).toMatchObject({ end: 'unknown', why: expect.stringContaining('client_ed25519') });
  });

  test('lets nobody in from here says so in its first packet', async () => {
    const port = await listen((socket) => socket.write(framed(0, [[0xff, 0x6a, 0x04], 'Host is not allowed'])));
    expect(await logIn(`mysql://me:${ENCODED}@127.0.0.1:${port}/`)).toEqual({
      end: 'failed',
      why: 'error 1130 of the server',
    });
  });

  test.each([
    ['speaks something else', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['sends an empty packet', framed(0, [[]])],
    ['sends half a greeting', framed(0, [[10], '8.0.0\0', [1, 0, 0, 0]])],
    ['sends half an error', framed(0, [[0xff]])],
    ['sends more than a login can be about', framed(0, [Buffer.alloc(100_000)])],
    ['closes at once', ''],
  ])('%s fails, and does not end the process', async (_, bytes) => {
    const port = await listen((socket) => socket.end(bytes));
    expect(await logIn(`mysql://me:${ENCODED}@127.0.0.1:${port}/`)).toMatchObject({ end: 'failed' });
  });
});

test('redis: an error that repeats the command does not tell the password', async () => {
  const port = await listen((socket) =>
    socket.once('data', () => socket.write(`-ERR unknown command AUTH ${PASSWORD}\r\n`)),
  );
  const end = await logIn(`redis://:${ENCODED}@127.0.0.1:${port}`);
  expect(end).toEqual({ end: 'failed', why: 'the answer to AUTH was -ERR' });
});

test.each(['redis', 'rediss', 'mysql', 'postgres', 'http'])(
  '%s: a server that answers byte by byte for ever is left when the test is stopped',
  async (scheme) => {
    const stop = new AbortController();
    const port = await listen((socket) => {
      const drip = setInterval(() => socket.write('.'), 5);
      socket.on('close', () => clearInterval(drip));
      setTimeout(() => stop.abort(), 50);
    });
    expect(await logIn(`${scheme}://me:${ENCODED}@127.0.0.1:${port}/x`, stop.signal)).toMatchObject({ end: 'failed' });
  },
);

/** The address of a server that does this with each connection. */
async function listen(talk: (socket: Socket) => void): Promise<number> {
  const server = createSocketServer((socket) => {
    socket.on('error', () => {});
    talk(socket);
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a path
  return port;
}

/** A packet of MariaDB and MySQL. */
function framed(order: number, parts: readonly (Buffer | string | readonly number[])[]): Buffer {
  const payload = Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))),
  );
  const heading = Buffer.from([0, 0, 0, order]);
  heading.writeUIntLE(payload.length, 0, 3);
  return Buffer.concat([heading, payload]);
}

/** Of a server without TLS. */
const greeting = (plugin: string, salt: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from([10]),
    Buffer.from('8.4.0\0'),
    Buffer.from([7, 0, 0, 0]),
    salt.subarray(0, 8),
    Buffer.from([0, 0, 0x82, 45, 2, 0, 0x08, 0, 21]),
    Buffer.alloc(10),
    salt.subarray(8),
    Buffer.from(`\0${plugin}\0`),
  ]);

/** A key of this user's that nobody vouches for. */
function certify(directory: string, user: string): { key: string; certificate: string } {
  const [key, certificate] = [join(directory, 'tls.key'), join(directory, 'tls.crt')];
  const files = ['-keyout', key, '-out', certificate];
  spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=test', '-days', '2', ...files]);
  chmodSync(key, 0o600);
  spawnSync('chown', [`${user}:`, key, certificate]);
  return { key, certificate };
}

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
