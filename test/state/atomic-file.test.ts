import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readRegularFile, replaceFile, sweepTemporaryFiles, sweepTemporaryTrees } from '../../lib/state/atomic-file.ts';
import { type Disk, nodeDisk } from '../../lib/state/disk.ts';
import { dead } from '../operations/journal.ts';

const isRoot = process.getuid?.() === 0;
let dir = '';
let file = '';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'atomic-'));
  file = join(dir, 'ENV');
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
});

const replace = (text: string, { disk = nodeDisk, seen = readRegularFile(file) } = {}) =>
  replaceFile(disk, file, text, seen, undefined);

describe('reading', () => {
  it('gives the bytes, who they belong to, and what tells them from a later file', () => {
    expect(readRegularFile(file)).toEqual({ bytes: Buffer.alloc(0), identity: undefined, owner: undefined });
    writeFileSync(file, 'A=1\n');
    const { bytes, identity, owner } = readRegularFile(file);
    expect([bytes.toString(), owner]).toEqual(['A=1\n', { uid: process.getuid?.(), gid: statSync(file).gid }]);
    writeFileSync(file, 'A=2\n');
    expect(readRegularFile(file).identity).not.toBe(identity);
  });

  it('follows no link and opens no directory or device', () => {
    symlinkSync('/etc/passwd', file);
    expect(() => readRegularFile(file)).toThrow(`${file} is a symbolic link.`);
    rmSync(file);
    mkdirSync(file);
    expect(() => readRegularFile(file)).toThrow(`${file} is no regular file.`);
    expect(() => readRegularFile('/dev/zero')).toThrow('/dev/zero is no regular file.');
  });

  it('reads no more than 4 MiB, whatever the file is', () => {
    writeFileSync(file, '');
    truncateSync(file, 4 * 1024 * 1024);
    expect(readRegularFile(file).bytes).toHaveLength(4 * 1024 * 1024);
    for (const size of [4 * 1024 * 1024 + 1, 6 * 1024 ** 3]) {
      truncateSync(file, size);
      expect(() => readRegularFile(file)).toThrow(expect.objectContaining({ code: 'malformed' }));
    }
    expect(() => readRegularFile(file)).toThrow(`${file} is larger than 4 MiB.`);
  });

  it.skipIf(!existsSync('/proc/self/status'))('reads whole what tells no size', () => {
    expect(readRegularFile('/proc/self/status').bytes.toString()).toMatch(/^Name:.*\n.*voluntary_ctxt_switches/s);
  });

  it('names the path that cannot be read', () => {
    writeFileSync(file, '');
    expect(() => readRegularFile(join(file, 'below'))).toThrow(`Cannot use ${file}/below: ENOTDIR.`);
  });
});

describe('replacing', () => {
  it('makes the file 0600 and leaves no other', async () => {
    writeFileSync(file, 'old');
    chmodSync(file, 0o666);
    await replace('new');
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777, readdirSync(dir)]).toEqual([
      'new',
      0o600,
      ['ENV'],
    ]);
  });

  it.skipIf(!isRoot)('keeps the owner, and gives a new file to the one it is meant for (as root)', async () => {
    await replaceFile(nodeDisk, file, 'x', readRegularFile(file), { uid: 65534, gid: 65534 });
    expect([statSync(file).uid, statSync(file).gid]).toEqual([65534, 65534]);
    chownSync(file, 65533, 65533);
    await replaceFile(nodeDisk, file, 'y', readRegularFile(file), { uid: 65534, gid: 65534 });
    expect([statSync(file).uid, statSync(file).gid]).toEqual([65533, 65533]);
  });

  it('refuses a file that changed since it was read, appeared, or went', async () => {
    writeFileSync(file, 'old');
    const seen = readRegularFile(file);
    writeFileSync(file, 'theirs');
    await expect(replace('ours', { seen })).rejects.toMatchObject({ code: 'conflict' });
    expect(readFileSync(file, 'utf8')).toBe('theirs');
    rmSync(file);
    await expect(replace('ours', { seen })).rejects.toMatchObject({ code: 'conflict' });
    const none = readRegularFile(file);
    symlinkSync('/etc/passwd', file);
    await expect(replace('ours', { seen: none })).rejects.toMatchObject({ code: 'conflict' });
    expect([lstatSync(file).isSymbolicLink(), readdirSync(dir)]).toEqual([true, ['ENV']]);
  });

  it('leaves the old file whole and no other when a step fails', async () => {
    writeFileSync(file, 'old');
    const full = () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
    for (const step of ['createFile', 'rename'] as const) {
      const disk: Disk = { ...nodeDisk, [step]: full };
      await expect(replace('new', { disk })).rejects.toMatchObject({
        code: 'disk-full',
        message: `Cannot use ${file}: no space is left.`,
      });
      expect([readFileSync(file, 'utf8'), readdirSync(dir)]).toEqual(['old', ['ENV']]);
    }
  });

  it('syncs the file before it is renamed, and its directory after', async () => {
    const steps: string[] = [];
    const disk: Disk = {
      ...nodeDisk,
      createFile: (path, bytes, owner) =>
        nodeDisk.createFile(path, bytes, owner).then(() => void steps.push('written')),
      rename: (from, to) => nodeDisk.rename(from, to).then(() => void steps.push(`renamed to ${to}`)),
      sync: (path) => nodeDisk.sync(path).then(() => void steps.push(`synced ${path}`)),
    };
    await replace('new', { disk });
    expect(steps).toEqual(['written', `renamed to ${file}`, `synced ${dir}`]);
  });

  it.skipIf(!isRoot)('does not take a file over from another user', async () => {
    writeFileSync(file, 'theirs');
    chownSync(file, 65534, 65534);
    // What is tested is a refusal: nothing is done with rights that user 1000 has not.
    const getuid = vi.spyOn(process as { getuid: () => number }, 'getuid').mockReturnValue(1000); // Linux has it
    onTestFinished(() => getuid.mockRestore());
    await expect(replace('ours')).rejects.toMatchObject({
      code: 'permission',
      message: `${file} belongs to user 65534, this is user 1000.`,
    });
    chownSync(file, 1000, 1000);
    await replace('mine');
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });
});

describe('sweeping', () => {
  it('removes the temporary files of dead processes only', async () => {
    const left = `.ENV.${dead().pid}.0123456789ab.tmp`;
    const living = `.ENV.${process.pid}.0123456789ab.tmp`;
    const strange = ['.ENV.tmp', `.ENV.${dead().pid}.tmp`, 'ENV.1.0123456789ab.tmp'];
    for (const name of [left, living, ...strange]) writeFileSync(join(dir, name), '');
    await sweepTemporaryFiles(nodeDisk, dir);
    expect(readdirSync(dir)).toEqual([living, ...strange].sort());
  });

  it('leaves a directory of such a name, as an app may have made it, but for where trees are built', async () => {
    const name = `.anything.${dead().pid}.0123456789ab.tmp`;
    mkdirSync(join(dir, name, 'deep'), { recursive: true });
    await sweepTemporaryFiles(nodeDisk, dir);
    expect(readdirSync(dir)).toEqual([name]);
    await sweepTemporaryTrees(nodeDisk, dir);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('takes a process of another user for alive', async () => {
    const name = '.ENV.1.0123456789ab.tmp';
    writeFileSync(join(dir, name), '');
    const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error('not yours'), { code: 'EPERM' });
    });
    onTestFinished(() => kill.mockRestore());
    await sweepTemporaryFiles(nodeDisk, dir);
    expect(readdirSync(dir)).toEqual([name]);
  });
});
