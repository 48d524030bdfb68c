import { Socket } from 'node:net';
import { addAbortSignal } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { AddonsError } from '../../errors.ts';

/** It ends with the signal, so that no server can keep a client waiting by a byte now and then. */
export const newSocket = (signal: AbortSignal): Socket =>
  // Whoever waits for an answer hears of errors; one that nobody waits for must not end the process.
  addAbortSignal(signal, new Socket()).on('error', () => {});

/** The same connection under TLS. Whether the certificate is a good one is not the question. */
export const encrypted = (socket: Socket): TLSSocket => connectTls({ socket, rejectUnauthorized: false });

/** Without the brackets that a URL has around IPv6. */
export const addressOf = ({ hostname, port }: URL, usual: number): { host: string; port: number } => ({
  host: hostname.replace(/^\[|\]$/g, ''),
  port: Number(port || usual),
});

/** The server that answers is not one of this kind, or does not keep the protocol. */
export const foreign = (kind: string): AddonsError => new AddonsError('io', `an answer that is none of ${kind}`);

/** What a socket that is closed too early is told with. */
export const closed = (): Error => Object.assign(new Error('closed'), { code: 'ECONNRESET' });
