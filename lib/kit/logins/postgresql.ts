import { systemCode } from '../../errors.ts';
import type { LoginEnd } from '../logins.ts';
import { newSocket } from './connection.ts';

export async function logInToPostgresql(url: URL, signal: AbortSignal): Promise<LoginEnd> {
  const mode = url.searchParams.get('sslmode') ?? 'prefer';
  const plain = WITH_TLS.has(mode) ? undefined : await attempt(url, signal, false);
  if (plain && (plain.end === 'accepted' || mode === 'disable')) return plain;
  // A server that lets in under TLS only calls anything else a refusal.
  return attempt(url, signal, true).catch((error) => {
    if (plain === undefined) throw error;
    return plain;
  });
}

/** The modes of libpq that never go without. */
const WITH_TLS: ReadonlySet<string> = new Set(['require', 'verify-ca', 'verify-full', 'no-verify']);

async function attempt(url: URL, signal: AbortSignal, isTls: boolean): Promise<LoginEnd> {
  const { default: pg } = await import('pg');
  const socket = newSocket(signal);
  const client = new pg.Client({
    connectionString: withoutTls(url),
    // Whether the certificate is a good one is not the question.
    ssl: isTls && { rejectUnauthorized: false },
    stream: () => socket,
  });
  client.password = decodeURIComponent(url.password); // else it looks for one in PGPASSWORD and ~/.pgpass
  client.on('error', () => {}); // a server that goes away later is no news
  try {
    await client.connect();
    await client.query('SELECT 1');
    return { end: 'accepted' };
  } catch (error) {
    if (REFUSED.has(systemCode(error) ?? '')) return { end: 'refused' };
    throw error;
  } finally {
    socket.destroy(); // the client's own end() waits for the server's
  }
}

function withoutTls(url: URL): string {
  const bare = new URL(url);
  for (const name of ['sslmode', 'sslrootcert']) bare.searchParams.delete(name);
  return bare.href;
}

/** invalid_authorization_specification, invalid_password */
const REFUSED: ReadonlySet<string> = new Set(['28000', '28P01']);
