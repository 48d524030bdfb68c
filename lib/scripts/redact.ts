import { URL_PASSWORD } from '../addon/contract.ts';

/**
 * A function that puts `[redacted]` in place of each of the secrets, as they are and percent-encoded, and of the
 * passwords of all URLs. Secrets shorter than 3 characters are ignored: they would hit half of any text.
 * Redact before cutting: half a secret at the edge is not recognised.
 *
 * @example redactor(['s3cret'])('login s3cret at x://u:pw@h') // 'login [redacted] at x://u:[redacted]@h'
 */
export function redactor(secrets: Iterable<string>): (text: string) => string {
  const forms = [...new Set([...secrets].filter((secret) => secret.length >= SHORTEST).flatMap(formsOf))];
  return (text) => replaceSpans(text, [...passwords(text), ...forms.flatMap((form) => occurrences(text, form))]);
}

const SHORTEST = 3;

/** Start and end in the text. */
type Span = readonly [number, number];

function formsOf(secret: string): string[] {
  // encodeURIComponent throws on a lone surrogate, which no script's UTF-8 output can hold anyway.
  if (/\p{Surrogate}/u.test(secret)) return [secret];
  const encoded = encodeURIComponent(secret);
  const strict = encoded.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const upper = [encoded, strict, strict.replaceAll('%20', '+'), encodeURI(secret)];
  return [secret, ...upper, ...upper.map((form) => form.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()))];
}

const passwords = (text: string): Span[] =>
  [...text.matchAll(URL_PASSWORD)].map((found) => [found.index, found.index + found[0].length]);

function occurrences(text: string, secret: string): Span[] {
  const found: Span[] = [];
  for (let at = text.indexOf(secret); at !== -1; at = text.indexOf(secret, at + 1))
    found.push([at, at + secret.length]);
  return found;
}

// Secrets may overlap or hold one another: what any of them covers goes, so the order of replacing never matters.
function replaceSpans(text: string, spans: Span[]): string {
  let result = '';
  let at = 0;
  for (const [start, end] of spans.sort((a, b) => a[0] - b[0])) {
    if (start > at || result === '') result += `${text.slice(at, start)}[redacted]`;
    at = Math.max(at, end);
  }
  return result + text.slice(at);
}
