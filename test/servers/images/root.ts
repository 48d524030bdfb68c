import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Image } from './image.ts';

const BUSYBOX = '/bin/busybox';

/** Busybox has its own, but its shell prefers its own commands to those on PATH, and its setpriv knows no users. */
const TOOLS = ['/bin/dash', '/usr/bin/setpriv'];

/** Lays an image's whole tree out in an empty directory: programs with their libraries, busybox for the small tools. */
export function layOut(root: string, image: Image): void {
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(join(root, 'usr', name), { recursive: true });
    symlinkSync(`usr/${name}`, join(root, name));
  }
  for (const [path, mode] of Object.entries({ ...EVERYWHERE, ...image.directories })) makeDirectory(root, path, mode);
  symlinkSync('../run', join(root, 'var/run'));

  const programs = [...image.programs, ...TOOLS];
  for (const path of programs) copyProgram(root, path, image.replace ?? []);
  for (const path of libraries([...programs, BUSYBOX, ...(image.modules ?? [])])) copy(root, path);
  for (const path of image.files) copy(root, path, image.without);
  for (const path of Object.keys(image.directories)) chownSync(join(root, path), SERVER, SERVER);

  symlinkSync('dash', join(root, 'bin/sh'));
  addBusybox(root);
  const texts = { ...accounts(image.user), ...image.texts };
  for (const [path, text] of Object.entries(texts)) write(root, path, text, 0o644);
  write(root, '/usr/local/bin/docker-entrypoint.sh', image.entrypoint, 0o755);
  for (const [path, target] of Object.entries(image.links ?? {})) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target, join(root, path));
    lchownSync(join(root, path), 0, 0);
  }
}

/** The official images give their server this id, whatever it has on this machine. */
const SERVER = 999;

const EVERYWHERE = {
  '/docker-entrypoint-initdb.d': 0o755,
  '/root': 0o700,
  '/run': 0o755,
  '/tmp': 0o1777,
  '/usr/local/bin': 0o755,
  '/var/lib': 0o755,
  '/var/tmp': 0o1777,
};

const accounts = (user: string) => ({
  '/etc/passwd': `root:x:0:0:root:/root:/bin/sh\n${user}:x:${SERVER}:${SERVER}::/var/lib/${user}:/bin/sh\n`,
  '/etc/group': `root:x:0:\n${user}:x:${SERVER}:\n`,
  '/etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
});

function makeDirectory(root: string, path: string, mode: number): void {
  mkdirSync(join(root, path), { recursive: true });
  chmodSync(join(root, path), mode);
}

/** Busybox stands for the commands that Debian's smallest image has, and for no others: a script finds no `ps` there. */
function addBusybox(root: string): void {
  copy(root, BUSYBOX);
  const known = new Set(execFileSync(BUSYBOX, ['--list'], { encoding: 'utf8' }).split('\n'));
  const owned = execFileSync('dpkg', ['--listfiles', ...ESSENTIAL], { encoding: 'utf8' }).split('\n');
  const commands = owned.filter((path) => /^(\/usr)?\/s?bin\/[^/]+$/.test(path)).map((path) => basename(path));
  for (const command of new Set([...commands, 'awk'])) {
    if (known.has(command) && !existsSync(join(root, 'bin', command)))
      symlinkSync('busybox', join(root, 'bin', command));
  }
}

const ESSENTIAL = [
  'coreutils',
  'debianutils',
  'diffutils',
  'findutils',
  'grep',
  'gzip',
  'hostname',
  'sed',
  'tar',
  'util-linux',
];

/** Paths of all shared objects these need, the loader included. */
function libraries(objects: string[]): Set<string> {
  // It fails where one of them is a script, and tells the libraries of all others.
  const { stdout } = spawnSync('ldd', objects, { encoding: 'utf8' });
  return new Set([...stdout.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map(([, library]) => String(library)));
}

function copy(root: string, path: string, without?: RegExp): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  const filter = (source: string) => !without?.test(source);
  cpSync(path, join(root, path), { recursive: true, dereference: true, filter });
}

function copyProgram(root: string, path: string, replacements: [from: string, to: string][]): void {
  const changed = replacements.reduce(
    (text, [from, to]) => {
      if (from.length !== to.length) throw new Error(`"${to}" takes another room than "${from}"`);
      return text.replaceAll(from, to);
    },
    readFileSync(path, 'latin1'),
  );
  write(root, path, Buffer.from(changed, 'latin1'), statSync(path).mode & 0o755);
}

function write(root: string, path: string, content: string | Buffer, mode: number): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content, { mode });
  chmodSync(join(root, path), mode);
}
