import type { Socket } from 'node:net';

/** A connection as packets: three bytes of length, one of order, the payload. */
export interface Packets {
  /** The next payload. @throws system errors, and ETIMEDOUT after ten seconds */
  read(): Promise<Buffer>;
  write(payload: Buffer): void;
  close(): void;
}

export function packetsOf(socket: Socket): Packets {
  let bytes = Buffer.alloc(0);
  let order = 0;
  let failure: Error | undefined;
  let wake = () => {};
  const fail = (error: Error) => {
    failure ??= error;
    wake();
  };
  socket.on('data', (more: Buffer) => {
    bytes = Buffer.concat([bytes, more]);
    wake();
  });
  socket.on('error', fail);
  socket.on('close', () => fail(coded('ECONNRESET')));
  socket.setTimeout(PATIENCE, () => socket.destroy(coded('ETIMEDOUT')));
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
      order = (bytes[3] ?? 0) + 1;
      bytes = bytes.subarray(end);
      return payload;
    },
    write(payload) {
      const heading = Buffer.alloc(HEADING);
      heading.writeUIntLE(payload.length, 0, 3);
      heading[3] = order;
      socket.write(Buffer.concat([heading, payload]));
    },
    close: () => socket.destroy(),
  };
}

const HEADING = 4; // bytes
const PATIENCE = 10_000; // ms

const coded = (code: string): Error => Object.assign(new Error(code), { code });
