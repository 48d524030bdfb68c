import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import type { LoginEnd } from '../logins.ts';

export async function logInOverHttp(url: URL, signal: AbortSignal): Promise<LoginEnd> {
  const status = await statusOf(url, signal);
  if (status === 401 || status === 403) return { end: 'refused' };
  if (status >= 200 && status < 300) return { end: 'accepted' };
  if (status >= 500) return { end: 'failed', why: `HTTP status ${status}` };
  // A redirection or "not found" may come before any question about the password.
  return { end: 'unknown', why: `HTTP status ${status} does not tell whether the login is good` };
}

function statusOf(url: URL, signal: AbortSignal): Promise<number> {
  const start = url.protocol === 'https:' ? requestTls : request;
  // Whether the certificate is a good one is not the question.
  const options = { signal, agent: false, rejectUnauthorized: false } as const;
  return new Promise((resolve, reject) => {
    const sent = start(url, options, (answer) => {
      resolve(answer.statusCode ?? 0);
      answer.destroy();
    });
    sent.on('error', reject);
    sent.end();
  });
}
