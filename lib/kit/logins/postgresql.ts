import { systemCode } from '../../errors.ts';
import type { LoginEnd } from '../logins.ts';

export async function logInToPostgresql(url: URL): Promise<LoginEnd> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url.href, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {}); // a server that goes away later is no news
  try {
    await client.connect();
    await client.query('SELECT 1');
    return { end: 'accepted' };
  } catch (error) {
    const code = systemCode(error);
    if (code !== undefined && REFUSED.has(code)) return { end: 'refused' };
    return { end: 'failed', why: code ?? 'no answer' };
  } finally {
    await client.end().catch(() => {});
  }
}

/** invalid_authorization_specification, invalid_password */
const REFUSED: ReadonlySet<string> = new Set(['28000', '28P01']);
