import { existsSync } from 'node:fs';
import { AddonsError, systemCode } from '../errors.ts';

/**
 * How a client fared at a URL. `refused`: because of user or password; `failed`: for another reason that the add-on may be asked
 * about; `unknown`: this client cannot tell, which is no fault of the add-on.
 */
export type LoginEnd =
  | { end: 'accepted' }
  | { end: 'refused' }
  /** Without a secret. */
  | { end: 'failed' | 'unknown'; why: string };

/** Logs in as an ordinary client does. Never throws, and gives up after ten seconds, or when the signal fires. */
export async function logIn(url: string, signal?: AbortSignal): Promise<LoginEnd> {
  const client = CLIENTS[schemeOf(url)];
  if (client === undefined) return { end: 'unknown', why: `no client for the scheme ${schemeOf(url)} is at hand` };
  const end = new AbortController();
  const giveUp = () => end.abort();
  const timer = setTimeout(giveUp, PATIENCE);
  signal?.addEventListener('abort', giveUp);
  try {
    if (signal?.aborted) giveUp();
    return await client(new URL(url), end.signal);
  } catch (error) {
    return { end: 'failed', why: end.signal.aborted ? 'no answer within ten seconds' : whyOf(error) };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}

export const schemeOf = (url: string): string => /^[a-z][a-z0-9+.-]*/i.exec(url)?.[0].toLowerCase() ?? '';

export const isServer = (scheme: string): boolean => Object.hasOwn(CLIENTS, scheme) && !FILES.has(scheme);
export const isFile = (scheme: string): boolean => FILES.has(scheme);

/** Rejects with what the system says, or an `AddonsError` of an answer that is none of the protocol; at once when the signal fires. */
type Client = (url: URL, signal: AbortSignal) => Promise<LoginEnd>;

const PATIENCE = 10_000; // ms

const file: Client = async (url) =>
  existsSync(decodeURIComponent(url.pathname)) ? { end: 'accepted' } : { end: 'failed', why: 'there is no such file' };

const redis: Client = async (url, signal) => (await import('./logins/redis.ts')).logInToRedis(url, signal);
const postgresql: Client = async (url, signal) =>
  (await import('./logins/postgresql.ts')).logInToPostgresql(url, signal);
const mariadb: Client = async (url, signal) => (await import('./logins/mariadb.ts')).logInToMariadb(url, signal);
const http: Client = async (url, signal) => (await import('./logins/http.ts')).logInOverHttp(url, signal);

const CLIENTS: Readonly<Record<string, Client>> = {
  redis,
  rediss: redis,
  postgres: postgresql,
  postgresql,
  mysql: mariadb,
  mariadb,
  http,
  https: http,
  sqlite: file,
  file,
};
const FILES: ReadonlySet<string> = new Set(['sqlite', 'file']);

/** Messages of clients may quote the URL; their codes and our own sentences do not. */
function whyOf(error: unknown): string {
  if (error instanceof AddonsError) return error.message;
  if (error instanceof URIError) return 'a "%" in the URL is not followed by two hexadecimal digits';
  return systemCode(error) ?? 'the client gave no reason';
}
