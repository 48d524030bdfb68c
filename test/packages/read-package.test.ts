import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { AddonsError } from '../../lib/errors.ts';
import { readManifest } from '../../lib/packages/read-package.ts';
import { unpack } from '../../lib/packages/unpack.ts';
import { readTree } from '../../lib/state/tree.ts';
import { directory, forged, type Part, packed, write } from './package.ts';

const FILES = { enable: '#!/bin/sh\n', 'lib/a.txt': 'a\n', 'lib/deep/b.txt': 'b\n', empty: '' };

const refusal = async (file: string): Promise<AddonsError> => {
  const into = join(directory(), 'into');
  mkdirSync(into);
  const error = await unpack(file, into).then(
    () => undefined,
    (error) => error,
  );
  if (!(error instanceof AddonsError)) throw new Error(`expected an AddonsError, not ${error}`);
  return error;
};

describe('a package', () => {
  it('holds what was packed: files, directories, links, and what can be executed', async () => {
    const root = write(directory(), FILES);
    mkdirSync(join(root, 'nothing'));
    symlinkSync('deep/b.txt', join(root, 'lib/link'));
    const file = await packed(root, join(directory(), 'vault.addon'));
    const into = directory();
    expect(await unpack(file, into)).toMatchObject({ name: 'vault', version: '1.0.0', format: 1 });
    expect(readTree(into)).toEqual(readTree(root));
    expect(readFileSync(join(into, 'lib/link'), 'utf8')).toBe('b\n');
    expect((await readManifest(file)).content).toMatchObject({ nothing: { directory: true }, empty: { size: 0 } });
  });

  it('has the same bytes for the same content, whatever its times, modes and order', async () => {
    const [one, other] = [
      write(directory(), FILES),
      write(directory(), Object.fromEntries(Object.entries(FILES).reverse())),
    ];
    utimesSync(join(other, 'enable'), 1, 1);
    chmodSync(join(other, 'enable'), 0o700);
    chmodSync(join(other, 'empty'), 0o600);
    const files = await Promise.all([one, other].map((root, at) => packed(root, join(directory(), `${at}.addon`))));
    const [a, b] = files.map((file) => readFileSync(file));
    expect(a?.equals(b ?? Buffer.alloc(0))).toBe(true);
  });

  it('is another one where a byte or a mode is', async () => {
    const hashes = await Promise.all(
      [FILES, { ...FILES, empty: 'x' }, { ...FILES, enable: 'no program\n' }].map(async (files) => {
        const file = await packed(write(directory(), files), join(directory(), 'vault.addon'));
        return (await readManifest(file)).hash;
      }),
    );
    expect(new Set(hashes).size).toBe(3);
  });

  it('may hold long names and large files', async () => {
    const large = 'x'.repeat(1_000_000);
    const root = write(directory(), { [`${'d'.repeat(120)}/${'f'.repeat(120)}`]: 'long', large });
    const into = directory();
    await unpack(await packed(root, join(directory(), 'vault.addon')), into);
    expect(readTree(into)).toEqual(readTree(root));
    expect(readFileSync(join(into, 'large'), 'utf8') === large).toBe(true);
  });

  it('is not made of what changes meanwhile', async () => {
    const root = write(directory(), FILES);
    const branches = readTree(root);
    const file = join(directory(), 'vault.addon');
    const packing = packed(root, file, { branches });
    writeFileSync(join(root, 'lib/deep/b.txt'), 'B\n');
    await expect(packing).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('refused is one that', () => {
  const spoiled = async (spoil: (bytes: Buffer) => Buffer): Promise<string> => {
    const file = await packed(write(directory(), FILES), join(directory(), 'vault.addon'));
    writeFileSync(file, spoil(readFileSync(file)));
    return file;
  };

  it.each<[string, (bytes: Buffer) => Buffer, string]>([
    ['is empty', () => Buffer.alloc(0), 'is damaged, or no package'],
    ['is no archive', () => Buffer.from('hello'), 'cannot be decompressed'],
    ['is an archive of something else', () => gzipSync('x'.repeat(2000)), 'is damaged, or no package'],
    ['is cut off', (bytes) => bytes.subarray(0, bytes.length - 40), 'cut off'],
    ['is cut off early', (bytes) => bytes.subarray(0, 30), 'is damaged, or no package'],
    [
      'has a flipped byte',
      (bytes) => Buffer.from(bytes.map((byte, at) => (at === 120 ? byte ^ 1 : byte))),
      'is damaged',
    ],
    [
      'has a flipped byte in a file',
      (bytes) => gzipSync(Buffer.from(gunzipSync(bytes).toString('latin1').replace('\0a\n\0', '\0A\n\0'), 'latin1')),
      'lib/a.txt has another hash than it should',
    ],
    ['lacks its end', (bytes) => gzipSync(gunzipSync(bytes).subarray(0, 2560)), 'is damaged'],
  ])('%s', async (_, spoil, message) => {
    const error = await refusal(await spoiled(spoil));
    expect(error).toMatchObject({
      code: 'malformed',
      message: expect.stringContaining(message),
      hint: expect.any(String),
    });
    expect(error.message).toContain('vault.addon');
  });

  const DIRECTORY: Part = { name: 'lib', type: 'directory' };
  it.each<[string, Part[], string]>([
    ['leads up', [{ name: '../evil', text: 'x', said: null }], 'leads elsewhere'],
    ['leads up in the middle', [DIRECTORY, { name: 'lib/../../evil', said: null }], 'leads elsewhere'],
    ['has an absolute path', [{ name: '/etc/evil', said: null }], 'leads elsewhere'],
    [
      'has a link that leads out',
      [{ name: 'out', type: 'symlink', linkname: '../..', said: null }],
      'leads out of the package',
    ],
    [
      'has an absolute link',
      [{ name: 'out', type: 'symlink', linkname: '/etc/passwd', said: null }],
      'leads out of the package',
    ],
    [
      'writes by way of a link',
      [
        { name: 'lib', type: 'symlink', linkname: 'other' },
        { name: 'lib/evil', text: 'x' },
      ],
      'lies in what is no directory',
    ],
    ['has a file in no directory', [{ name: 'lib/a', text: 'x' }], 'lies in what is no directory'],
    [
      'has a hard link',
      [{ name: 'hard', type: 'link', linkname: 'enable', said: null }],
      'neither a file nor a directory nor a link',
    ],
    [
      'has a device',
      [{ name: 'null', type: 'character-device', devmajor: 1, devminor: 3, said: null }],
      'neither a file',
    ],
    ['has a pipe', [{ name: 'pipe', type: 'fifo', said: null }], 'neither a file'],
    ['has a set-uid program', [{ name: 'su', mode: 0o4755, text: 'x' }], 'set-uid'],
    ['has a set-gid program', [{ name: 'sg', mode: 0o2755, text: 'x' }], 'set-uid'],
    [
      'holds a name twice',
      [
        { name: 'a', text: 'x' },
        { name: 'a', text: 'x' },
      ],
      'holds a twice',
    ],
    ['holds what it does not tell of', [{ name: 'a', text: 'x', said: null }], 'of which it does not tell'],
    [
      'holds another kind than it says',
      [{ name: 'a', text: 'x', said: { directory: true } }],
      'is not what it is said to be',
    ],
    [
      'holds another size than it says',
      [{ name: 'a', text: 'xy', said: { sha256: '', size: 1 } }],
      'is not what it is said to be',
    ],
    [
      'holds a file of another hash',
      [{ name: 'a', text: 'x', said: { sha256: 'beef', size: 1 } }],
      'a has another hash',
    ],
  ])('%s', async (_, parts, message) => {
    const error = await refusal(await forged(join(directory(), 'vault.addon'), parts));
    expect(error).toMatchObject({ code: 'malformed', message: expect.stringContaining(message) });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['is of a newer format', { format: 2 }, 'has format 2, newer than 1'],
    ['has no name of an add-on', { name: '../x' }, 'makes no sense'],
    ['has a version that leads elsewhere', { version: '../1' }, 'makes no sense'],
    ['has the hash of another', { hash: 'beef' }, 'another hash'],
    ['tells of a path that leads out', { content: { '../a': { directory: true } } }, 'makes no sense'],
    ['tells of a link that leads out', { content: { a: { link: '../../a' } } }, 'makes no sense'],
    ['tells of nothing', { content: 3 }, 'makes no sense'],
    ['tells of a file that is not there', { content: { a: { directory: true } }, hash: undefined }, 'makes no sense'],
  ])('%s', async (_, more, message) => {
    const error = await refusal(await forged(join(directory(), 'vault.addon'), [], more));
    expect(error).toMatchObject({ code: 'malformed', message: expect.stringContaining(message) });
  });

  it('leaves out what it tells of', async () => {
    const { hash, content } = await readManifest(
      await packed(write(directory(), FILES), join(directory(), 'vault.addon')),
    );
    const error = await refusal(await forged(join(directory(), 'other.addon'), [], { content, hash }));
    expect(error.message).toContain('is missing');
  });

  it('would fill the disk: what a file is said to hold is looked at before it is read', async () => {
    const parts = [1, 2].map((at) => ({ name: `bomb-${at}`, said: { sha256: '', size: 200 * 1024 ** 2 } }));
    const file = await forged(join(directory(), 'vault.addon'), parts);
    const into = directory();
    // The header says so, too; nothing of it follows.
    const bytes = gunzipSync(readFileSync(file))
      .toString('latin1')
      .replaceAll(/(?<=bomb-[\s\S]{118})0{11}/g, '1440000000\0'.padStart(11, '0'));
    writeFileSync(file, gzipSync(Buffer.from(bytes, 'latin1')));
    await expect(unpack(file, into)).rejects.toMatchObject({ code: 'malformed' });
    expect(readdirSync(into).filter((name) => readFileSync(join(into, name)).length > 1024 ** 2)).toEqual([]);
  });

  it('is a bomb of zeros: small as a file, without end when it is unpacked', async () => {
    const file = join(directory(), 'vault.addon');
    const piece = gzipSync(Buffer.alloc(64 * 1024 ** 2));
    writeFileSync(
      file,
      Buffer.concat([gunzipBegin(await forged(join(directory(), 'a'), [])), ...Array(8).fill(piece)]),
    );
    const error = await refusal(file);
    expect(error.code).toBe('malformed');
  });

  it('is not there, or a directory', async () => {
    const into = directory();
    await expect(unpack(join(into, 'none.addon'), into)).rejects.toMatchObject({ code: 'addon-not-found' });
    await expect(unpack(into, into)).rejects.toMatchObject({ code: 'addon-not-found' });
    expect(existsSync(join(into, 'none.addon'))).toBe(false);
  });
});

/** A forged package without its end: more may follow. */
const gunzipBegin = (file: string): Buffer => gzipSync(gunzipSync(readFileSync(file)).subarray(0, -1024));
