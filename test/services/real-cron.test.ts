import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { build } from 'esbuild';
import { expect, it, onTestFinished } from 'vitest';

// Debian's cron itself runs a job. In a mount namespace of its own, so that neither the machine's crontabs nor its cron daemon
// are touched, and nothing else that the machine's crontabs ask for is run.

/** Own crontabs, own /run for the daemon's pid file, and nothing of the machine's in /etc. */
const APART = `
mount -t tmpfs none /var/spool/cron
mkdir -m 1730 /var/spool/cron/crontabs
chgrp crontab /var/spool/cron/crontabs
mount -t tmpfs none /run
mount -t tmpfs none /etc/cron.d
mount --bind /dev/null /etc/crontab
`;

const canUnshare = spawnSync('unshare', ['-m', '/bin/sh', '-ec', APART]).status === 0;
const hasCron = spawnSync('sh', ['-c', 'command -v cron && command -v crontab']).status === 0;

it.skipIf(!canUnshare || !hasCron)(
  '(as root) cron runs a job, and disabling ends that',
  { timeout: 150_000 },
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'real-cron-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const home = join(directory, "it's 100% mine");
    await program(directory);
    const addon = join(directory, 'vault');
    cpSync(join(import.meta.dirname, '../fixtures/add-ons/vault'), addon, { recursive: true });
    mkdirSync(join(addon, 'bin'));
    writeFileSync(
      join(addon, 'bin/tell'),
      '#!/bin/sh\necho "$ADDON_CONFIG_WORD|$*|$(pwd)" >>"$ADDON_DATA/told"\nexit 5\n',
    );
    chmodSync(join(addon, 'bin/tell'), 0o755);
    const toml = '[config]\nword = "100%"\n[[cron]]\nschedule = "* * * * *"\ncommand = ["tell", "a  %b", "$HOME"]\n';
    writeFileSync(join(addon, 'addon.toml'), toml);

    const script = `set -e${APART}
echo "# mine" | crontab -
addons() { "$NODE" "$DIRECTORY/cli.cjs" --home "$PLATFORM" --quiet "$@"; }
addons install "$DIRECTORY/vault"
addons enable vault
cron -f &
echo $! >"$DIRECTORY/cron.pid"
while ! [ -e "$PLATFORM/lib/cron/vault/tell.last" ]; do sleep 0.5; [ -d "$DIRECTORY" ] || exit 1; done
kill $!
rm "$DIRECTORY/cron.pid"
addons check
addons disable vault
crontab -l
`;
    const variables = {
      PATH: process.env.PATH,
      HOME: directory,
      NODE: process.execPath,
      DIRECTORY: directory,
      PLATFORM: home,
    };
    const child = spawn('unshare', ['-m', '/bin/sh', '-c', script], {
      env: variables,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
      const file = join(directory, 'cron.pid');
      if (existsSync(file)) spawnSync('kill', [readFileSync(file, 'utf8').trim()]);
    });
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => output.push(text));
    await Promise.race([new Promise((resolve) => child.once('close', resolve)), pause(130_000)]);

    const told = join(home, 'apps/.add-ons/vault/told');
    expect(existsSync(told) ? readFileSync(told, 'utf8') : output.join('')).toMatch(
      /^100%\|a {2}%b \$HOME\|.*\/lib\/versions\/vault@.*\n$/,
    );
    expect(JSON.parse(readFileSync(join(home, 'lib/cron/vault/tell.last'), 'utf8'))).toMatchObject({ status: 5 });
    expect(output.join('')).toBe('# mine\n');
  },
);

/** The program, bundled from the sources. */
async function program(directory: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, '../../lib/cli/main.ts')],
    outfile: join(directory, 'main.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    logLevel: 'error',
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  });
  writeFileSync(join(directory, 'cli.cjs'), "import('./main.mjs');\n");
  writeFileSync(join(directory, 'package.json'), '{}\n');
}
