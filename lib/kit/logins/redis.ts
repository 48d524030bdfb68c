import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { LoginEnd } from '../logins.ts';

/** AUTH and PING, in the server's own protocol: that is all there is to a login. */
export async function logInToRedis(url: URL): Promise<LoginEnd> {
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const socket = connect(url);
  try {
    if (password !== '') {
      const answer = await ask(socket, ['AUTH', ...(user === '' ? [] : [user]), password]);
      if (!answer.startsWith('+OK')) return { end: 'refused' };
    }
    const answer = await ask(socket, ['PING']);
    if (/^-(NOAUTH|NOPERM|WRONGPASS)/.test(answer)) return { end: 'refused' };
    return answer.startsWith('+') ? { end: 'accepted' } : { end: 'failed', why: `PING got ${answer.slice(0, 80)}` };
  } finally {
    socket.destroy();
  }
}

const PATIENCE = 10_000; // ms

function connect({ protocol, hostname, port }: URL): Socket {
  const to = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) };
  // Whether the certificate is a good one is not the question.
  const socket = protocol === 'rediss:' ? connectTls({ ...to, rejectUnauthorized: false }) : connectPlain(to);
  return socket.setTimeout(PATIENCE, () => socket.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })));
}

/** The first line of the answer. */
function ask(socket: Socket, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const read = (bytes: Buffer) => {
      answer += bytes.toString();
      if (!answer.includes('\r\n')) return;
      socket.off('data', read);
      resolve(answer.split('\r\n')[0] ?? '');
    };
    socket.on('data', read);
    socket.once('error', reject);
    socket.once('close', () => reject(Object.assign(new Error(), { code: 'ECONNRESET' })));
    socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
  });
}
