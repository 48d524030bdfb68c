/**
 * Twelve hex digits that no other call is likely to choose, for names that are refused when they exist.
 * Not a secret, so not node:crypto: loading that would cost every command 1.5 ms.
 */
export const nonce = (): string =>
  Math.floor(Math.random() * 2 ** 48)
    .toString(16)
    .padStart(12, '0');
