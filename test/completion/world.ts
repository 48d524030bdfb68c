import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLI } from '../examples/cli.ts';

/** A user with the built `addons` on PATH, the apps `shop` (which has db) and `blog`, and three files here. */
export interface World {
  home: string;
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Runs a program with this text on stdin. */
  run(program: string, words: readonly string[], input?: string): string;
  end(): void;
}

/** The add-ons that come with the package. */
export const SHIPPED = readdirSync(join(import.meta.dirname, '../../addons')).filter((name) => name !== 'functions.sh');

export function completionWorld(): World {
  const home = mkdtempSync(join(tmpdir(), 'completion-'));
  const cwd = join(home, 'here');
  const bin = join(home, 'bin');
  for (const dir of ['apps/shop', 'apps/blog', 'bin', 'here/my folder', 'config']) {
    mkdirSync(join(home, dir), { recursive: true });
  }
  for (const file of ['apple pie.txt', 'addons.json', "o'clock"]) writeFileSync(join(cwd, file), '');
  writeFileSync(join(bin, 'addons'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
  chmodSync(join(bin, 'addons'), 0o755);
  symlinkSync('addons', join(bin, 'addons:add'));
  install(home, 'vault', 'Keeps secrets: one a line');
  install(home, 'inbox', 'Takes mail in');
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: home,
    XDG_CONFIG_HOME: join(home, 'config'),
    ADDONS_HOME: home,
    TERM: 'xterm',
    LANG: 'C.UTF-8',
  };
  const run = (program: string, words: readonly string[], input = '') => {
    const { stdout, stderr } = spawnSync(program, words, { cwd, env, input, encoding: 'utf8' });
    return stdout + stderr;
  };
  run('addons', ['enable', 'vault']);
  run('addons', ['add', 'shop', 'vault']);
  return { home, cwd, env, run, end: () => rmSync(home, { recursive: true, force: true }) };
}

function install(home: string, name: string, description: string): void {
  const root = join(home, 'lib/add-ons', name);
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, 'addon.toml'), `[addon]\ndescription = "${description}"\n`);
  for (const script of ['enable', 'disable', 'provision', 'unprovision', 'url']) {
    writeFileSync(join(root, script), script === 'provision' ? '#!/bin/sh\necho "$1-1;pw"\n' : '#!/bin/sh\n');
    chmodSync(join(root, script), 0o755);
  }
}
