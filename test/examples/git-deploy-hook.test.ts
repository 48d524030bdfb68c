import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { appendFile, chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../require.ts';
import { CLI } from './cli.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/git-deploy-hook/', import.meta.url));
const SQLITE = fileURLToPath(new URL('../../node_modules/node-sqlite3-wasm', import.meta.url));

let directory: string;
let home: string;
let repository: string;
let checkout: string;

beforeEach(async () => {
  // The short name leaves room: the path of a socket has at most 107 bytes.
  directory = realpathSync(await mkdtemp(join(tmpdir(), 'git-')));
  [home, repository, checkout] = [join(directory, 'home'), join(directory, 'shop.git'), join(directory, 'shop')];
  await mkdir(join(home, 'apps/shop'), { recursive: true });
  addons('enable', 'db');
  addons('add', 'shop', 'db');
  git(directory, 'init', '--quiet', '--bare', '--initial-branch=main', repository);
  git(repository, 'config', 'addons.home', home);
  git(repository, 'config', 'addons.command', `${process.execPath} ${CLI}`);
  git(directory, 'clone', '--quiet', repository, checkout);
  git(checkout, 'checkout', '--quiet', '-B', 'main');
  await cp(join(EXAMPLE, 'app'), checkout, { recursive: true });
  await useInstalledSqlite();
});

afterEach(async () => {
  for (const pid of appPids()) process.kill(-pid, 'SIGKILL');
  await rm(directory, { recursive: true, force: true });
});

describe.skipIf(!needs('git', 'flock', 'setsid'))('git push', () => {
  it('a push deploys: the app answers from its database', async () => {
    await installAs('post-receive');
    const first = await push('first');
    expect(first.output).toContain('remote: -----> Building shop');
    expect(first.output).toContain('remote: Released shop: X_DB_URL changed.');
    expect(first.output).toContain('remote: -----> Deployed: ');
    expect(await visit()).toBe('You are visitor 1.\n');
    const [old] = appPids();

    const second = await push('second');
    expect(second.output).toContain('remote: shop is up to date.');
    expect(await visit()).toBe('You are visitor 2.\n');
    expect(appPids()).toHaveLength(1);
    expect(appPids()).not.toContain(old);
  });

  it('the app gets its ENV and nothing of the pusher', async () => {
    await installAs('post-receive');
    await appendFile(join(home, 'apps/shop/ENV'), "export GREETING='good day'\n");
    await push('first', { AWS_SECRET_ACCESS_KEY: 'pusher' });
    const [pid] = appPids();
    const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .map((line) => line.split('=')[0])
      .filter((name) => name !== '');
    expect(names.sort()).toEqual(['GREETING', 'HOME', 'LANG', 'PATH', 'PWD', 'SOCKET', 'X_DB_URL']);
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).toContain('GREETING=good day\0');
  });

  it('a release that fails: the push shows why, the old app goes on', async () => {
    await installAs('post-receive');
    await push('first');
    const live = liveDeploy();
    await writeFile(join(home, 'lib/add-ons/db/url'), '#!/bin/sh\necho the database server is down >&2\nexit 1\n');

    const { output, status } = await push('second');
    expect(output).toContain('remote:        | the database server is down');
    expect(output).toContain('remote: -----> The release failed, see above. The old shop goes on.');
    expect(status).toBe(0);
    expect(liveDeploy()).toBe(live);
    expect(await visit()).toBe('You are visitor 1.\n');
    expect(readdirSync(join(repository, 'deploys')).sort()).toEqual([live, `${live}.log`, 'live', 'lock']);
  });

  it('as pre-receive it refuses the push of an app that does not start', async () => {
    await installAs('pre-receive');
    await push('first');
    const good = git(repository, 'rev-parse', 'main');
    await writeFile(join(checkout, 'server.mjs'), "throw new Error('a typing mistake');\n");

    const { output, status } = await push('second');
    expect(output).toContain('Error: a typing mistake');
    expect(output).toContain('did not listen on $SOCKET within 10 seconds, or ended. The old shop goes on.');
    expect(output).toContain('pre-receive hook declined');
    expect(status).not.toBe(0);
    expect(git(repository, 'rev-parse', 'main')).toBe(good);
    expect(await visit()).toBe('You are visitor 1.\n');
  });

  it('other branches are stored and not deployed', async () => {
    await installAs('post-receive');
    git(checkout, 'checkout', '--quiet', '-b', 'idea');
    const { output } = await push('an idea', {}, 'idea');
    expect(output).toContain('remote: -----> Nothing to deploy: only main is.');
    expect(appPids()).toEqual([]);
  });
});

const installAs = (name: string) => cp(join(EXAMPLE, 'post-receive'), join(repository, 'hooks', name));

async function push(message: string, environment: Record<string, string> = {}, branch = 'main') {
  await writeFile(join(checkout, 'note.txt'), message);
  git(checkout, 'add', '--all');
  git(checkout, 'commit', '--quiet', '--message', message);
  const { status, stderr } = spawnSync('git', ['push', 'origin', branch], {
    cwd: checkout,
    env: { ...gitEnvironment(), ...environment },
    encoding: 'utf8',
  });
  return { status, output: stderr };
}

function git(cwd: string, ...words: string[]): string {
  return execFileSync('git', words, { cwd, env: gitEnvironment(), encoding: 'utf8', stdio: 'pipe' });
}

/** As on a machine whose user has set nothing up. npm keeps to the test's own directory. */
const gitEnvironment = () => ({
  PATH: process.env.PATH,
  HOME: directory,
  npm_config_cache: join(directory, 'npm-cache'),
  npm_config_offline: 'true',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
});

function addons(...words: string[]): void {
  execFileSync(process.execPath, [CLI, ...words], {
    env: { PATH: process.env.PATH, ADDONS_HOME: home },
    stdio: 'pipe',
  });
}

/** The registry is left alone: `npm install` takes the copy that is here. */
async function useInstalledSqlite() {
  const manifest = join(checkout, 'package.json');
  const text = await readFile(manifest, 'utf8');
  await writeFile(manifest, text.replace(/("node-sqlite3-wasm": ")[^"]*/, `$1file:${SQLITE}`));
  await chmod(join(checkout, 'start'), 0o755);
}

const liveDeploy = () => readlinkSync(join(repository, 'deploys/live'));

const visit = () =>
  new Promise<string>((resolve, reject) => {
    get({ socketPath: join(repository, 'deploys/live/app.sock'), path: '/', agent: false }, async (response) => {
      resolve(Buffer.concat(await response.toArray()).toString());
    }).on('error', reject);
  });

/** Whatever process works in a deploy directory of this repository, by process group. */
function appPids(): number[] {
  const deploys = join(repository, 'deploys');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(deploys);
      } catch {
        return false; // it ended meanwhile, or is another user's
      }
    })
    .map(Number);
}
