import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { SCRIPTS } from '../../lib/addon/contract.ts';

const addons = fileURLToPath(new URL('../../addons/', import.meta.url));
const SERVERS = ['mariadb', 'postgresql', 'redis'];

const filesOf = (directory: string) =>
  Object.fromEntries(readdirSync(directory).map((name) => [name, readFileSync(`${directory}/${name}`, 'utf8')]));

test.each(['mariadb', 'postgresql'])(
  '%s has the same server files as redis (node scripts/copy-server-files.mjs)',
  (addon) => {
    expect(filesOf(`${addons}${addon}/server`)).toEqual(filesOf(`${addons}redis/server`));
  },
);

test.each(SERVERS)('%s has every script of the contract, executable, and nothing else is', (addon) => {
  const scripts = SCRIPTS.map(({ name }) => name).sort();
  const files = readdirSync(`${addons}${addon}`, { recursive: true, encoding: 'utf8' });
  const executable = files.filter((name) => {
    const { mode } = statSync(`${addons}${addon}/${name}`);
    return (mode & 0o170000) === 0o100000 && (mode & 0o111) !== 0;
  });
  expect(executable.sort()).toEqual([...scripts, 'server/run'].sort()); // what the supervisor starts
});

test.each(SERVERS)('%s is started by /bin/sh and reads nothing outside of its own directory', (addon) => {
  for (const { name } of SCRIPTS) {
    const text = readFileSync(`${addons}${addon}/${name}`, 'utf8');
    expect(text, name).toMatch(/^#!\/bin\/sh\n/);
    const sourced = [...text.matchAll(/^\s*\. (\S+)/gm)].map(([, path]) => path);
    expect(
      sourced.filter((path) => !path?.startsWith('"$ADDON_ROOT/')),
      name,
    ).toEqual([]);
  }
});
