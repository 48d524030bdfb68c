import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { nodeDisk } from '../../lib/state/disk.ts';

let dir = '';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'disk-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
});

const at = (name: string) => join(dir, name);
const modeOf = (name: string) => (statSync(at(name)).mode & 0o777).toString(8);

it('makes files and directories private', async () => {
  await nodeDisk.makeDirectory(at('private'), undefined);
  await nodeDisk.makeDirectory(at('open'), undefined, 0o755);
  await nodeDisk.createFile(at('file'), Buffer.from('bytes'), undefined);
  expect([modeOf('private'), modeOf('open'), modeOf('file')]).toEqual(['700', '755', '600']);
  expect(readFileSync(at('file'), 'utf8')).toBe('bytes');
});

it.skipIf(process.getuid?.() !== 0)('gives them to their owner (as root)', async () => {
  const owner = { uid: 65534, gid: 65534 };
  await nodeDisk.makeDirectory(at('directory'), owner);
  await nodeDisk.createFile(at('file'), '', owner);
  expect([statSync(at('directory')).uid, statSync(at('file')).uid]).toEqual([65534, 65534]);
});

it('overwrites nothing, also not through a link', async () => {
  writeFileSync(at('file'), 'old');
  symlinkSync(at('file'), at('link'));
  for (const name of ['file', 'link'])
    await expect(nodeDisk.createFile(at(name), 'new', undefined)).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(nodeDisk.makeDirectory(at('file'), undefined)).rejects.toMatchObject({ code: 'EEXIST' });
  expect(readFileSync(at('file'), 'utf8')).toBe('old');
});

it('leaves no file that could not be made whole', async () => {
  const owner = { uid: 0.5, gid: 0 }; // stands for anything that fails after the file was created
  await expect(nodeDisk.createFile(at('file'), 'new', owner)).rejects.toThrow();
  expect(existsSync(at('file'))).toBe(false);
});

it('links a name once', async () => {
  writeFileSync(at('one'), '1');
  expect(await nodeDisk.link(at('one'), at('name'))).toBe(true);
  expect(await nodeDisk.link(at('one'), at('name'))).toBe(false);
  await expect(nodeDisk.link(at('none'), at('other'))).rejects.toMatchObject({ code: 'ENOENT' });
});

it('removes what may be gone already', async () => {
  writeFileSync(at('file'), '');
  mkdirSync(at('tree/below'), { recursive: true });
  for (const _ of ['once', 'again']) {
    await nodeDisk.unlink(at('file'));
    await nodeDisk.removeTree(at('tree'));
  }
  mkdirSync(at('directory'));
  await expect(nodeDisk.unlink(at('directory'))).rejects.toThrow();
});
