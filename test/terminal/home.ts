import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLI } from '../examples/cli.ts';

/** A home with the empty app `shop`. */
export async function newHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'addons-terminal-'));
  await mkdir(join(home, 'apps/shop'), { recursive: true });
  return home;
}

/** Installs an add-on; scripts that are not named do nothing and succeed. */
export async function install(home: string, addon: string, scripts: Record<string, string>): Promise<void> {
  const root = join(home, 'lib/add-ons', addon);
  await mkdir(root, { recursive: true });
  for (const name of ['enable', 'disable', 'provision', 'unprovision', 'url']) {
    await writeFile(join(root, name), `#!/bin/sh\n${scripts[name] ?? ''}\n`);
    await chmod(join(root, name), 0o755);
  }
}

/** Runs a command without a terminal. */
export function addons(home: string, ...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], {
    env: { PATH: process.env.PATH, ADDONS_HOME: home },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** Everything below a home that must survive a command which changed nothing. */
export const contents = (home: string): Record<string, string> =>
  Object.fromEntries(
    files(home)
      .filter((path) => !path.startsWith('lib/'))
      .map((path) => [path, readFileSync(join(home, path), 'latin1')]),
  );

/** Files below a home that hold the text, in their content or their name. */
export const filesWith = (home: string, text: string): string[] =>
  files(home).filter((path) => path.includes(text) || readIfThere(join(home, path)).includes(text));

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // a command at work removed it
  }
}

const files = (home: string): string[] =>
  readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(home.length + 1));
