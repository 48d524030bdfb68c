import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { needs } from '../require.ts';
import { type DokkuWorld, makeDokku } from './world.ts';

let world: DokkuWorld;
beforeEach(() => {
  world = makeDokku();
});
afterEach(() => world.remove());

const compiled = () => readdirSync(world.plugin).filter((name) => name.endsWith('.cache'));
const recorded = () => readFileSync(join(world.plugin, '.node'), 'utf8').trim();

/** A program that says it is a Node of this version. */
function fakeNode(version: string, directory = join(world.root, 'bin')): string {
  const path = join(directory, 'node');
  mkdirSync(directory, { recursive: true });
  writeFileSync(path, `#!/bin/sh\n[ "$1" = --version ] && echo v${version} || echo ${version}\n`, { mode: 0o755 });
  return path;
}

/** The trigger as somebody who is not root; root's part is tried below, where nothing of the machine can be reached. */
function install(more: Record<string, string> = {}, user = 65534) {
  spawnSync('chown', ['-R', `${user}`, join(world.root, '..')]);
  const { status, stdout, stderr } = spawnSync(join(world.plugin, 'install'), {
    env: { ...world.env, PLUGIN_CORE_AVAILABLE_PATH: join(world.libRoot, 'core-plugins/available'), ...more },
    ...(process.getuid?.() === 0 && { uid: user }),
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('finds a Node', () => {
  it.each(['20.19.0', '20.20.2', '22.1.0', '100.0.0'])('of %s', (version) => {
    const node = fakeNode(version);
    rmSync(join(world.plugin, '.node'));
    expect(install({ ADDONS_NODE: node }).status).toBe(0);
    expect(recorded()).toBe(node);
  });

  it('and takes no older one, nor what is none, but tells of both', () => {
    rmSync(join(world.plugin, '.node'));
    const old = fakeNode('18.20.4');
    const none = join(world.root, 'none/node');
    mkdirSync(join(none, '..'));
    writeFileSync(none, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const path = `${join(world.root, 'bin')}:/bin`;
    const ran = install({ ADDONS_NODE: none, PATH: path });
    // This machine's own may be found in one of the usual places.
    if (ran.status === 0) expect(recorded()).not.toMatch(/none|bin\/node$/);
    else {
      expect(ran.stderr).toContain(`${old} is v18.20.4`);
      expect(ran.stderr).toContain(`${none} is broken`);
      expect(ran.stderr).toContain('needs Node 20.19.0 or newer');
      expect(ran.stderr).toContain('ADDONS_NODE=/path/to/node dokku plugin:trigger install');
    }
  });

  it('again, where the recorded one was removed', () => {
    writeFileSync(join(world.plugin, '.node'), '/nowhere/node\n');
    const node = fakeNode('20.19.0');
    expect(install({ ADDONS_NODE: node }).status).toBe(0);
    expect(recorded()).toBe(node);
  });
});

it('has that Node compile the program, for faster starts', () => {
  for (const name of compiled()) rmSync(join(world.plugin, name));
  expect(install({ ADDONS_NODE: process.execPath }).status).toBe(0);
  expect(compiled()).toEqual([`main.${process.arch}-${process.versions.v8}.cache`]);
  expect(statSync(join(world.plugin, compiled()[0] ?? '')).mode & 0o044).toBe(0o044);
});

it('makes its directories, and may run again', () => {
  for (let time = 0; time < 2; time++) expect(install().status).toBe(0);
  for (const path of ['add-ons', 'data/addons', 'services/add-ons'])
    expect(statSync(join(world.libRoot, path)).isDirectory()).toBe(true);
});

it('refuses a Dokku whose config it could not set', () => {
  rmSync(join(world.libRoot, 'core-plugins/available/config/config-set'));
  expect(install()).toMatchObject({ status: 1, stderr: expect.stringContaining('Update Dokku') });
});

it('update does the same, for this plugin', () => {
  rmSync(join(world.plugin, '.node'));
  const node = fakeNode('20.19.0');
  const env = {
    ...world.env,
    PLUGIN_CORE_AVAILABLE_PATH: join(world.libRoot, 'core-plugins/available'),
    ADDONS_NODE: node,
  };
  const update = (name: string) =>
    spawnSync(join(world.plugin, 'update'), [name], { env, ...(process.getuid?.() === 0 && { uid: 65534 }) });
  spawnSync('chown', ['-R', '65534', join(world.root, '..')]);
  expect([update('other').status, existsSync(join(world.plugin, '.node'))]).toEqual([0, false]);
  expect([update('addons').status, recorded()]).toEqual([0, node]);
});

// In a mount namespace of its own: what root writes there, nobody else ever sees.
test.skipIf(!needs('root', 'sudo', 'visudo', 'unshare', 'setpriv'))(
  'root lets the dokku user install packages, and only those',
  () => {
    const program = `
set -eu
mount -t tmpfs -o mode=755 tmpfs /etc/sudoers.d
mkdir -p /usr/local/lib
mount -t tmpfs -o mode=755 tmpfs /usr/local/lib
export DOKKU_SYSTEM_USER=nobody DOKKU_SYSTEM_GROUP=nogroup
"$PLUGIN/install"
stat -c '%U:%G %a %n' "$DOKKU_ETC_ROOT/add-ons.d" /etc/sudoers.d/dokku-addons /usr/local/lib/addons /usr/local/lib/addons/install-packages
stat -c '%U %n' "$DOKKU_LIB_ROOT/data/addons"
cat /etc/sudoers.d/dokku-addons
# A stand-in for what installs: nothing of this machine is changed.
printf '#!/bin/sh\\necho "apt-get $*" >>"$APT_LOG"\\n' >"$HOME/apt-get"
chmod 755 "$HOME/apt-get"
sed -i "s|\\$APT_LOG|$HOME/apt.log|" "$HOME/apt-get"
mount --bind "$HOME/apt-get" /usr/bin/apt-get
cat >"$HOME/enable" <<'SCRIPT'
ADDON_ROOT=$PLUGIN/add-ons/redis
. "$ADDON_ROOT/server/base.sh"
. "$ADDON_ROOT/server/packages.sh"
. "$ADDON_ROOT/packages.sh"
need_programs "$engine_packages" no-such-program
SCRIPT
as_nobody() { setpriv --reuid nobody --regid nogroup --clear-groups "$@"; }
as_nobody sh "$HOME/enable" 2>&1
cat "$HOME/apt.log"
as_nobody sudo -n /usr/local/lib/addons/install-packages nmap 2>&1 || echo "refused: $?"
as_nobody sudo -n /usr/local/lib/addons/install-packages redis-tools nmap 2>&1 || echo "refused: $?"
/usr/local/lib/addons/install-packages nmap 2>&1 || echo "unknown: $?"
"$PLUGIN/uninstall" other
ls /etc/sudoers.d /usr/local/lib
"$PLUGIN/uninstall" addons
ls /etc/sudoers.d /usr/local/lib
`;
    chmodSync(join(world.root, '..'), 0o755);
    const { status, stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', program], {
      env: {
        ...world.env,
        PLUGIN: world.plugin,
        PLUGIN_CORE_AVAILABLE_PATH: join(world.libRoot, 'core-plugins/available'),
        ADDONS_NODE: fakeNode('20.19.0', join(world.root, '../bin')),
      },
      encoding: 'utf8',
    });
    expect([status, stderr], stdout).toEqual([0, '']);
    const [before = '', after = ''] = stdout.split('refused: 1\n');
    expect(before).toContain(`root:nogroup 750 ${world.env.DOKKU_ETC_ROOT}/add-ons.d\n`);
    expect(before).toContain('root:root 440 /etc/sudoers.d/dokku-addons\n');
    expect(before).toContain('root:root 755 /usr/local/lib/addons\n');
    expect(before).toContain('root:root 755 /usr/local/lib/addons/install-packages\n');
    expect(before).toContain(`nobody ${world.libRoot}/data/addons\n`);
    const rule = 'nobody ALL=(root) NOPASSWD: /usr/local/lib/addons/install-packages ';
    const allowed = before.split('\n').filter((line) => line.startsWith('nobody ALL'));
    expect(allowed.map((line) => line.slice(rule.length))).toEqual([
      'mariadb-server-core mariadb-client',
      'mariadb-client',
      'postgresql',
      'postgresql-client',
      'redis-server redis-tools',
      'redis-tools',
    ]);
    expect(before).toMatch(
      /apt-get update -q\napt-get .*install -q -y --no-install-recommends redis-server redis-tools\n/,
    );
    expect(after).toContain('sudo: a password is required');
    expect(stdout).toContain('install-packages: "nmap" are not the packages of an add-on.\nunknown: 1\n');
    expect(stdout).toMatch(/\/etc\/sudoers\.d:\ndokku-addons\n\n\/usr\/local\/lib:\naddons\n/);
    expect(stdout).toMatch(/\/etc\/sudoers\.d:\n\n\/usr\/local\/lib:\n$/);
  },
);
