/** The version of the protocol that both sides must speak. */
export const PROTOCOL = 1;

/** What a program that is talked to can be. */
export type Kind = 'processor' | 'add-on';

/** What both sides say first. */
export interface Handshake {
  protocol: number;
  kind: string;
  name: string;
  /** add-on: what it answers; `url` alone where it does not say. */
  methods?: string[];
}

/** One line: an answer, with the id of its call. */
export type Answer = { id: number; result: unknown } | { id: number; error: { code: number; message: string } };

/** Error codes of JSON-RPC 2.0. */
export const METHOD_NOT_FOUND = -32601;
export const FAILED = -32000;

export const callLine = (id: number, method: string, params: object): string =>
  `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;

/** Undefined for a line that is no answer. */
export function parseAnswer(line: string): Answer | undefined {
  const message = parseObject(line);
  if (message?.jsonrpc !== '2.0' || typeof message.id !== 'number') return undefined;
  const { id, result, error } = message;
  if (isObject(error)) {
    const text = typeof error.message === 'string' ? error.message : 'no reason was given';
    return { id, error: { code: Number(error.code), message: text } };
  }
  return 'result' in message ? { id, result } : undefined;
}

/** Undefined for a result that is no handshake. */
export function parseHandshake(result: unknown): Handshake | undefined {
  if (!isObject(result)) return undefined;
  const { protocol, kind, name, methods = [] } = result;
  if (typeof protocol !== 'number' || typeof kind !== 'string' || typeof name !== 'string') return undefined;
  if (!Array.isArray(methods) || !methods.every((one) => typeof one === 'string')) return undefined;
  return { protocol, kind, name, ...(methods.length > 0 && { methods }) };
}

export function parseObject(line: string): Record<string, unknown> | undefined {
  if (!/^\s*\{/.test(line)) return undefined; // told without the price of an exception
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
