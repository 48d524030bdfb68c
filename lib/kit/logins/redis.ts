import type { Socket } from 'node:net';
import type { LoginEnd } from '../logins.ts';
import { addressOf, closed, encrypted, foreign, newSocket } from './connection.ts';

/** AUTH and PING, in the server's own protocol: that is all there is to a login. */
export async function logInToRedis(url: URL, signal: AbortSignal): Promise<LoginEnd> {
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const socket = connect(url, signal);
  try {
    if (password !== '') {
      const answer = await ask(socket, ['AUTH', ...(user === '' ? [] : [user]), password]);
      if (!answer.startsWith('+OK')) return notLetIn('AUTH', answer);
    }
    const answer = await ask(socket, ['PING']);
    return answer.startsWith('+') ? { end: 'accepted' } : notLetIn('PING', answer);
  } finally {
    socket.destroy();
  }
}

function notLetIn(command: string, answer: string): LoginEnd {
  if (DENIED.test(answer)) return { end: 'refused' };
  // Its first word only: some errors repeat the command with all that followed it.
  return {
    end: 'failed',
    why: `the answer to ${command} was ${/^-[A-Z]{1,20}/.exec(answer)?.[0] ?? 'no error of Redis'}`,
  };
}

/** Redis before 6 has no word of its own for a wrong password. */
const DENIED = /^-(NOAUTH|NOPERM|WRONGPASS|DENIED|ERR invalid (username-)?password)/i;

function connect(url: URL, signal: AbortSignal): Socket {
  const socket = newSocket(signal).connect(addressOf(url, 6379));
  return url.protocol === 'rediss:' ? encrypted(socket) : socket;
}

/** The first line of the answer. */
function ask(socket: Socket, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const read = (bytes: Buffer) => {
      answer += bytes.toString('latin1');
      if (answer.length > LONGEST) return reject(foreign('Redis'));
      if (!answer.includes('\r\n')) return;
      socket.off('data', read);
      resolve(answer.split('\r\n')[0] ?? '');
    };
    socket.on('data', read);
    socket.once('error', reject);
    socket.once('close', () => reject(closed()));
    socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
  });
}

const LONGEST = 64 * 1024; // bytes
