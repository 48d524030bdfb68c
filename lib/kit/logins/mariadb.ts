import { constants, createHash, publicEncrypt } from 'node:crypto';
import { connect } from 'node:net';
import type { LoginEnd } from '../logins.ts';
import { type Packets, packetsOf } from './mariadb-packets.ts';

/** The handshake of MariaDB and MySQL: that is all there is to a login. Without TLS. */
export async function logInToMariadb(url: URL): Promise<LoginEnd> {
  const packets = packetsOf(connect(addressOf(url)));
  try {
    const greeting = parseGreeting(await packets.read());
    const password = decodeURIComponent(url.password);
    packets.write(response(url, greeting, proof(greeting, password)));
    return await untilDecided(packets, greeting, password);
  } finally {
    packets.close();
  }
}

interface Greeting {
  plugin: string;
  salt: Buffer;
}

async function untilDecided(packets: Packets, { plugin, salt }: Greeting, password: string): Promise<LoginEnd> {
  const packet = await packets.read();
  switch (packet[0]) {
    case OK:
      return { end: 'accepted' };
    case ERROR: {
      const code = packet.readUInt16LE(1);
      return DENIED.has(code) ? { end: 'refused' } : { end: 'failed', why: `error ${code} of the server` };
    }
    case OTHER_PLUGIN: {
      const [name, at] = textUntilNul(packet, 1);
      const other = { plugin: name, salt: packet.subarray(at, at + SALT) };
      packets.write(proof(other, password));
      return untilDecided(packets, other, password);
    }
    case MORE:
      if (packet[1] === ASKS_FOR_PASSWORD) packets.write(Buffer.from([ASK_FOR_KEY]));
      else if (packet[1] !== KNOWN_ALREADY) packets.write(encrypted(password, salt, packet.subarray(1)));
      return untilDecided(packets, { plugin, salt }, password);
    default:
      return { end: 'failed', why: 'an answer that is none of MariaDB or MySQL' };
  }
}

const [OK, ERROR, OTHER_PLUGIN, MORE] = [0x00, 0xff, 0xfe, 0x01];
const [ASK_FOR_KEY, KNOWN_ALREADY, ASKS_FOR_PASSWORD] = [0x02, 0x03, 0x04]; // of caching_sha2_password
/** ER_DBACCESS_DENIED_ERROR, ER_ACCESS_DENIED_ERROR, ER_ACCESS_DENIED_NO_PASSWORD_ERROR */
const DENIED: ReadonlySet<number> = new Set([1044, 1045, 1698]);
const SALT = 20; // bytes

/** Host and port, or the socket's path: clients differ in what they call it. */
function addressOf({ hostname, port, searchParams }: URL) {
  const path = searchParams.get('socketPath') ?? searchParams.get('socket');
  return path === null ? { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 3306) } : { path };
}

function parseGreeting(packet: Buffer): Greeting {
  if (packet[0] !== 10) throw Object.assign(new Error('no greeting'), { code: `no greeting of MariaDB or MySQL` });
  const [, at] = textUntilNul(packet, 1); // the version
  const first = packet.subarray(at + 4, at + 12);
  const rest = packet.subarray(at + 31, at + 31 + SALT - first.length);
  return { salt: Buffer.concat([first, rest]), plugin: textUntilNul(packet, at + 44)[0] || NATIVE };
}

const NATIVE = 'mysql_native_password';

function response({ username, pathname }: URL, { plugin }: Greeting, proved: Buffer): Buffer {
  const database = decodeURIComponent(pathname.slice(1));
  const fixed = Buffer.alloc(32);
  fixed.writeUInt32LE(CAPABILITIES | (database === '' ? 0 : WITH_DATABASE));
  fixed.writeUInt32LE(2 ** 24, 4);
  fixed[8] = 45; // utf8mb4
  const texts = [...(database === '' ? [] : [database]), plugin].map((text) => Buffer.from(`${text}\0`));
  const user = Buffer.from(`${decodeURIComponent(username)}\0`);
  return Buffer.concat([fixed, user, Buffer.from([proved.length]), proved, ...texts]);
}

/** PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH */
const CAPABILITIES = 0x200 | 0x8000 | 0x80000;
const WITH_DATABASE = 0x8;

/** That the password is known, without telling it. */
function proof({ plugin, salt }: Greeting, password: string): Buffer {
  if (password === '') return Buffer.alloc(0);
  const hash = (...parts: Buffer[]) =>
    createHash(plugin === NATIVE ? 'sha1' : 'sha256')
      .update(Buffer.concat(parts))
      .digest();
  const once = hash(Buffer.from(password));
  return xor(once, plugin === NATIVE ? hash(salt, hash(once)) : hash(hash(once), salt));
}

const encrypted = (password: string, salt: Buffer, key: Buffer): Buffer =>
  publicEncrypt(
    { key: key.toString(), padding: constants.RSA_PKCS1_OAEP_PADDING },
    xor(Buffer.from(`${password}\0`), salt),
  );

const xor = (bytes: Buffer, key: Buffer): Buffer =>
  Buffer.from(bytes.map((byte, at) => byte ^ (key[at % key.length] ?? 0)));

function textUntilNul(packet: Buffer, from: number): [text: string, after: number] {
  const end = packet.indexOf(0, from);
  return end < 0 ? [packet.toString('latin1', from), packet.length] : [packet.toString('latin1', from, end), end + 1];
}
