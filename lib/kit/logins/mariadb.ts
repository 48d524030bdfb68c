import type { LoginEnd } from '../logins.ts';
import { addressOf, foreign, newSocket } from './connection.ts';
import { type Packets, packetsOf } from './mariadb-packets.ts';
import { type Challenge, encryptedPassword, isKnownPlugin, NATIVE, proof } from './mariadb-passwords.ts';

/** The handshake of MariaDB and MySQL: that is all there is to a login. */
export async function logInToMariadb(url: URL, signal: AbortSignal): Promise<LoginEnd> {
  const plain = await attempt(url, signal, false);
  if (plain.login.end === 'accepted' || !plain.offersTls) return plain.login;
  // An account, or the whole server, may want TLS, and says no more than "denied".
  return attempt(url, signal, true).then(({ login }) => login, noTls);
}

const noTls = (): LoginEnd => ({
  end: 'unknown',
  why: 'the server does not accept the login without TLS, and with TLS no connection came about',
});

interface Attempt {
  login: LoginEnd;
  offersTls: boolean;
}

async function attempt(url: URL, signal: AbortSignal, isTls: boolean): Promise<Attempt> {
  const path = url.searchParams.get('socketPath') ?? url.searchParams.get('socket'); // clients differ in the name
  const packets = packetsOf(newSocket(signal).connect(path === null ? addressOf(url, 3306) : { path }));
  const isSafe = isTls || path !== null;
  try {
    const first = await packets.read();
    if (first[0] === ERROR) return { login: errorEnd(first), offersTls: false };
    const greeting = parseGreeting(first);
    const account = { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password), isSafe };
    const answer = response(url, account, greeting, isTls);
    if (isTls) {
      packets.write(answer.subarray(0, FIXED));
      packets.encrypt();
    }
    packets.write(answer);
    return { login: await untilDecided(packets, greeting, account), offersTls: greeting.offersTls && !isSafe };
  } finally {
    packets.close();
  }
}

interface Account {
  user: string;
  password: string;
  /** Whether nobody can listen, so that the password may be sent as it is. */
  isSafe: boolean;
}

async function untilDecided(packets: Packets, challenge: Challenge, account: Account): Promise<LoginEnd> {
  const packet = await packets.read();
  switch (packet[0]) {
    case OK:
      return { end: 'accepted' };
    case ERROR:
      return errorEnd(packet);
    case OTHER_PLUGIN: {
      const [plugin, at] = textUntilNul(packet, 1);
      if (!isKnownPlugin(plugin)) return notKnown(plugin);
      const other = { plugin, salt: packet.subarray(at, at + SALT) };
      packets.write(proof(other, account.password));
      return untilDecided(packets, other, account);
    }
    case MORE:
      answerMore(packets, packet.subarray(1), challenge, account);
      return untilDecided(packets, challenge, account);
    default:
      throw foreign('MariaDB or MySQL');
  }
}

/** caching_sha2_password: what the server does not remember it wants whole, and encrypted where somebody could listen. */
function answerMore(packets: Packets, more: Buffer, { salt }: Challenge, { password, isSafe }: Account): void {
  if (more.length === 1 && more[0] === REMEMBERED) return;
  if (more.length !== 1 || more[0] !== WANTS_PASSWORD) packets.write(encryptedPassword(password, salt, more));
  else packets.write(isSafe ? Buffer.from(`${password}\0`) : Buffer.from([ASK_FOR_KEY]));
}

const [OK, ERROR, OTHER_PLUGIN, MORE] = [0x00, 0xff, 0xfe, 0x01];
const [ASK_FOR_KEY, REMEMBERED, WANTS_PASSWORD] = [0x02, 0x03, 0x04];
/** ER_DBACCESS_DENIED_ERROR, ER_ACCESS_DENIED_ERROR, ER_ACCESS_DENIED_NO_PASSWORD_ERROR */
const DENIED: ReadonlySet<number> = new Set([1044, 1045, 1698]);
/** ER_NOT_SUPPORTED_AUTH_MODE, ER_PLUGIN_IS_NOT_LOADED */
const NOT_SUPPORTED: ReadonlySet<number> = new Set([1251, 1524]);

function errorEnd(packet: Buffer): LoginEnd {
  if (packet.length < 3) throw foreign('MariaDB or MySQL');
  const code = packet.readUInt16LE(1);
  if (DENIED.has(code)) return { end: 'refused' };
  return { end: NOT_SUPPORTED.has(code) ? 'unknown' : 'failed', why: `error ${code} of the server` };
}

const notKnown = (plugin: string): LoginEnd => ({
  end: 'unknown',
  why: `the account has ${plugin.slice(0, 60) || 'a password of MySQL before 4.1'}, which the client of this test does not know`,
});

interface Greeting extends Challenge {
  offersTls: boolean;
}

function parseGreeting(packet: Buffer): Greeting {
  const [, at] = textUntilNul(packet, 1); // the version
  if (packet[0] !== 10 || packet.length < at + 44) throw foreign('MariaDB or MySQL');
  const salt = Buffer.concat([packet.subarray(at + 4, at + 12), packet.subarray(at + 31, at + 43)]);
  const [plugin] = textUntilNul(packet, at + 44);
  // With the proof for another plugin, the server says what the account has.
  return {
    salt,
    plugin: isKnownPlugin(plugin) ? plugin : NATIVE,
    offersTls: (packet.readUInt16LE(at + 13) & TLS) !== 0,
  };
}

/** Its first bytes, sent alone, ask for TLS. */
function response({ pathname }: URL, { user, password }: Account, challenge: Challenge, isTls: boolean): Buffer {
  const database = decodeURIComponent(pathname.slice(1));
  const proved = proof(challenge, password);
  const fixed = Buffer.alloc(FIXED);
  fixed.writeUInt32LE(CAPABILITIES | (database === '' ? 0 : WITH_DATABASE) | (isTls ? TLS : 0));
  fixed.writeUInt32LE(2 ** 24, 4); // the largest packet, bytes
  fixed[8] = 45; // utf8mb4
  const texts = [...(database === '' ? [] : [database]), challenge.plugin].map((text) => Buffer.from(`${text}\0`));
  return Buffer.concat([fixed, Buffer.from(`${user}\0`), Buffer.from([proved.length]), proved, ...texts]);
}

const FIXED = 32; // bytes
const SALT = 20; // bytes
/** LONG_PASSWORD, PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH */
const CAPABILITIES = 0x1 | 0x200 | 0x8000 | 0x80000;
const WITH_DATABASE = 0x8;
const TLS = 0x800;

function textUntilNul(packet: Buffer, from: number): [text: string, after: number] {
  const end = packet.indexOf(0, from);
  return end < 0 ? [packet.toString('latin1', from), packet.length] : [packet.toString('latin1', from, end), end + 1];
}
