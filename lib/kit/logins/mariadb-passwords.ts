import { constants, createHash, publicEncrypt } from 'node:crypto';
import { foreign } from './connection.ts';

/** What the server sends to have the password proved, and in which way. */
export interface Challenge {
  plugin: string;
  /** 20 bytes. */
  salt: Buffer;
}

export const NATIVE = 'mysql_native_password';

export const isKnownPlugin = (plugin: string): boolean => plugin === NATIVE || plugin === 'caching_sha2_password';

/** That the password is known, without telling it. */
export function proof({ plugin, salt }: Challenge, password: string): Buffer {
  if (password === '') return Buffer.alloc(0);
  const hash = (...parts: Buffer[]) =>
    createHash(plugin === NATIVE ? 'sha1' : 'sha256')
      .update(Buffer.concat(parts))
      .digest();
  const once = hash(Buffer.from(password));
  return xor(once, plugin === NATIVE ? hash(salt, hash(once)) : hash(hash(once), salt));
}

/** The password for the server alone: `key` is what it sent, its public key as PEM. */
export function encryptedPassword(password: string, salt: Buffer, key: Buffer): Buffer {
  const text = xor(Buffer.from(`${password}\0`), salt);
  try {
    return publicEncrypt({ key: key.toString(), padding: constants.RSA_PKCS1_OAEP_PADDING }, text);
  } catch {
    throw foreign('MariaDB or MySQL');
  }
}

const xor = (bytes: Buffer, key: Buffer): Buffer =>
  Buffer.from(bytes.map((byte, at) => byte ^ (key[at % key.length] ?? 0)));
