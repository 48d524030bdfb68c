import { existsSync } from 'node:fs';

/** How a client fared at a URL. `refused`: because of user or password; `failed`: for another reason. */
export interface LoginEnd {
  end: 'accepted' | 'refused' | 'failed' | 'unknown-scheme';
  /** failed: why, without a secret. */
  why?: string;
}

/** Logs in as an ordinary client does. Never throws, and gives up after ten seconds. */
export async function logIn(url: string): Promise<LoginEnd> {
  const client = CLIENTS[schemeOf(url)];
  if (client === undefined) return { end: 'unknown-scheme' };
  try {
    return await client(new URL(url));
  } catch (error) {
    // Messages of clients may quote the URL; their codes do not.
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
    return { end: 'failed', why: code ?? 'the client gave no reason' };
  }
}

export const schemeOf = (url: string): string => /^[a-z][a-z0-9+.-]*/i.exec(url)?.[0].toLowerCase() ?? '';

/** The schemes that can be tried, for messages and documentation. */
export const isServer = (scheme: string): boolean => Object.hasOwn(CLIENTS, scheme) && !FILES.has(scheme);
export const isFile = (scheme: string): boolean => FILES.has(scheme);

type Client = (url: URL) => Promise<LoginEnd>;

const file: Client = async (url) =>
  existsSync(decodeURIComponent(url.pathname)) ? { end: 'accepted' } : { end: 'failed', why: 'there is no such file' };

const redis: Client = async (url) => (await import('./logins/redis.ts')).logInToRedis(url);
const postgresql: Client = async (url) => (await import('./logins/postgresql.ts')).logInToPostgresql(url);
const mariadb: Client = async (url) => (await import('./logins/mariadb.ts')).logInToMariadb(url);
const http: Client = async (url) => (await import('./logins/http.ts')).logInOverHttp(url);

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
