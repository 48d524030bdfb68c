import type { LoginEnd } from '../logins.ts';

export async function logInOverHttp(url: URL): Promise<LoginEnd> {
  const { username, password } = url;
  const address = new URL(url);
  address.username = '';
  address.password = ''; // fetch takes no URL with credentials
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const headers: Record<string, string> = username || password ? { authorization: `Basic ${basic}` } : {};
  try {
    const { status } = await fetch(address, { headers, redirect: 'manual', signal: AbortSignal.timeout(10_000) });
    if (status === 401 || status === 403) return { end: 'refused' };
    return status < 500 ? { end: 'accepted' } : { end: 'failed', why: `HTTP status ${status}` };
  } catch {
    return { end: 'failed', why: 'no answer' };
  }
}
