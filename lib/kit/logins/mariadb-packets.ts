import type { Socket } from 'node:net';
import { closed, encrypted, foreign } from './connection.ts';

/** A connection as packets: three bytes of length, one of order, the payload. */
export interface Packets {
  /** The next payload. @throws what the system says, and for more than a login can be about */
  read(): Promise<Buffer>;
  write(payload: Buffer): void;
  /** From now on under TLS. */
  encrypt(): void;
  close(): void;
}

export function packetsOf(plain: Socket): Packets {
  let socket = plain;
  let bytes = Buffer.alloc(0);
  let order = 0;
  let failure: unknown;
  let wake = () => {};
  const fail = (error: unknown) => {
    failure ??= error;
    wake();
  };
  const listen = () => {
    socket.on('data', (more: Buffer) => {
      bytes = Buffer.concat([bytes, more]);
      if (bytes.length > MOST) fail(foreign('MariaDB or MySQL'));
      wake();
    });
    socket.on('error', fail);
    socket.on('close', () => fail(closed()));
  };
  listen();
  return {
    async read() {
      while (bytes.length < HEADING || bytes.length < HEADING + bytes.readUIntLE(0, 3)) {
        if (failure) throw failure;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const end = HEADING + bytes.readUIntLE(0, 3);
      const payload = bytes.subarray(HEADING, end);
      order = bytes.readUInt8(3) + 1;
      bytes = bytes.subarray(end);
      return payload;
    },
    write(payload) {
      const heading = Buffer.alloc(HEADING);
      heading.writeUIntLE(payload.length, 0, 3);
      heading[3] = order++;
      socket.write(Buffer.concat([heading, payload]));
    },
    encrypt() {
      socket.removeAllListeners('data');
      socket = encrypted(socket);
      listen();
    },
    close: () => void socket.destroy(),
  };
}

const HEADING = 4; // bytes
const MOST = 64 * 1024; // bytes
