import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { needs } from '../require.ts';
import { CLI } from './cli.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/boot/', import.meta.url));
const UNITS = ['addons-release.service', 'addons-trash.service', 'addons-trash.timer'];
const CRONTAB = readFileSync(join(EXAMPLE, 'crontab'), 'utf8');

let home: string;
let bin: string;
beforeEach(() => {
  const directory = mkdtempSync(join(tmpdir(), 'boot-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  [home, bin] = [join(directory, 'home'), join(directory, 'bin')];
  mkdirSync(join(home, 'apps/shop'), { recursive: true });
  mkdirSync(bin);
});

/** A program on the PATH of what is run. */
const program = (name: string, commands: string) =>
  writeFileSync(join(bin, name), `#!/bin/sh\n${commands}\n`, { mode: 0o755 });

const environment = () => ({ PATH: `${bin}:/usr/bin:/bin`, ADDONS_HOME: home });

const addons = (...words: string[]) =>
  execFileSync(process.execPath, [CLI, ...words], { env: environment(), encoding: 'utf8', stdio: 'pipe' });

/** What the lines of the crontab run: at boot, and every night. */
function cronCommands(): { reboot: string; nightly: string } {
  const lines = CRONTAB.split('\n').filter((line) => line !== '' && !/^(#|[A-Z]+=)/.test(line));
  const commandOf = (start: RegExp) => lines.find((line) => start.test(line))?.replace(start, '') ?? '';
  expect(lines).toHaveLength(2);
  return { reboot: commandOf(/^@reboot /), nightly: commandOf(/^([\d*]+ ){5}/) };
}

function sh(command: string): void {
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', command], { env: environment(), encoding: 'utf8' });
  // cron mails whatever is said.
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
}

describe.skipIf(!needs('systemd-analyze'))('the units', () => {
  it('are verified without a word', () => {
    const paths = UNITS.map((name) => join(EXAMPLE, name));
    // It ends with 0 although it does not know a key: it only says so.
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...paths], {
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('are all there are, and a wrong key would be told', () => {
    expect(readdirSync(EXAMPLE).filter((name) => /\.(service|timer)$/.test(name))).toEqual(UNITS);
    const wrong = join(bin, 'addons-release.service');
    writeFileSync(wrong, `${readFileSync(join(EXAMPLE, 'addons-release.service'), 'utf8')}\n[Service]\nRestrat=no\n`);
    expect(spawnSync('systemd-analyze', ['verify', '--man=no', wrong], { encoding: 'utf8' }).stderr).toContain(
      'Restrat',
    );
  });
});

describe('what they run', () => {
  const execStart = (unit: string) => /^ExecStart=(.*)$/m.exec(readFileSync(join(EXAMPLE, unit), 'utf8'))?.[1] ?? '';

  beforeEach(() => {
    program('addons', `exec '${process.execPath}' '${CLI}' "$@"`);
    program('docker', ''); // one that answers: for that of the machine it would wait
    addons('enable', 'db');
    addons('add', 'shop', 'db');
  });

  it.each([
    ['addons-release.service', () => `${execStart('addons-release.service')} >/dev/null 2>&1`],
    ['the crontab', () => cronCommands().reboot],
  ])('%s releases every app', (_, command) => {
    sh(command());
    expect(readFileSync(join(home, 'apps/shop/ENV'), 'utf8')).toMatch(/^export X_DB_URL='.+'$/m);
  });

  it.each([
    ['addons-trash.service', () => `${execStart('addons-trash.service')} >/dev/null 2>&1`],
    ['the crontab', () => cronCommands().nightly],
  ])('%s destroys what is due, and nothing else', async (_, command) => {
    mkdirSync(join(home, 'apps/blog'));
    addons('add', 'blog', 'db');
    addons('remove', 'blog', 'db', '--keep-for', '1d', '--force');
    addons('remove', 'shop', 'db', '--keep-for', '1s', '--force');
    const trash = join(home, 'lib/trash');
    expect(readdirSync(trash)).toHaveLength(2);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    sh(command());
    const [left = '', ...more] = readdirSync(trash);
    expect(more).toEqual([]);
    expect(JSON.parse(readFileSync(join(trash, left), 'utf8')).app.name).toBe('blog');
  });
});

describe('the crontab', () => {
  it('waits for Docker, but not for ever, and not where there is none', () => {
    const { reboot } = cronCommands();
    const file = join(bin, 'calls');
    const calls = () => {
      const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
      rmSync(file, { force: true });
      return lines;
    };
    for (const name of ['addons', 'sleep']) program(name, `echo "${name} $*" >>'${file}'`);
    // Nothing else on the PATH: the machine that runs this may have a Docker.
    const run = () => spawnSync('/bin/sh', ['-c', reboot], { env: { PATH: bin }, encoding: 'utf8' });
    expect(run()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(calls()).toEqual(['addons release --all --quiet']);

    program('docker', `echo docker; echo "docker $*" >>'${file}'; [ -e '${bin}/up' ] || { : >'${bin}/up'; exit 1; }`);
    expect(run()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(calls()).toEqual(['docker info', 'sleep 5', 'docker info', 'addons release --all --quiet']);

    program('docker', 'exit 1');
    expect(run()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(calls()).toEqual([...Array.from({ length: 60 }, () => 'sleep 5'), 'addons release --all --quiet']);
  });

  it('has no percent sign, which cron takes for a line break', () => {
    expect(Object.values(cronCommands()).join('')).not.toContain('%');
    expect(CRONTAB.endsWith('\n')).toBe(true);
  });

  it.skipIf(!needs('root', 'crontab'))('(as root) is taken by cron as it is', () => {
    const user = 'nobody';
    const crontab = (words: string[], input?: string) =>
      spawnSync('crontab', ['-u', user, ...words], { encoding: 'utf8', ...(input !== undefined && { input }) });
    expect(crontab(['-l']).status, `${user} has a crontab already`).not.toBe(0);
    try {
      expect(crontab(['-'], CRONTAB)).toMatchObject({ status: 0, stderr: '' });
      expect(crontab(['-l']).stdout).toContain(CRONTAB);
      expect(crontab(['-'], CRONTAB.replace('@reboot', '@rebot')).status).not.toBe(0);
    } finally {
      crontab(['-r']);
    }
  });
});
