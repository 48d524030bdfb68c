/** Takes bytes as they come and gives the lines in them. */
export interface LineSplitter {
  /** Lines that are whole now, without their breaks; undefined for one that is no UTF-8. */
  push(bytes: Buffer): (string | undefined)[];
  /** Bytes of the line that is not whole yet. */
  readonly rest: number;
}

export function openLineSplitter(): LineSplitter {
  let parts: Buffer[] = [];
  let rest = 0;
  return {
    push(bytes) {
      const lines: (string | undefined)[] = [];
      let from = 0;
      for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, from)) {
        lines.push(decode(Buffer.concat([...parts, bytes.subarray(from, at)])));
        parts = [];
        rest = 0;
        from = at + 1;
      }
      if (from < bytes.length) parts.push(bytes.subarray(from));
      rest += bytes.length - from;
      return lines;
    },
    get rest() {
      return rest;
    },
  };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Buffer): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}
