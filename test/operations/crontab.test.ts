import { chownSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crontabProgram } from './crontab-program.ts';
import { failure, listener, platform, type World } from './world.ts';

const JOBS = { 'addon.toml': '[[cron]]\nschedule = "30 4 * * *"\ncommand = ["./backup"]\n' };
const FOREIGN = '# mine\n5 4 * * * true\n';

function world() {
  const crontab = crontabProgram();
  const made = platform({ scriptPath: crontab.scriptPath, program: ['/usr/bin/node', '/opt/cli.cjs'] });
  return { ...made, crontab };
}

const blockOf = ({ home }: World, schedule = '30 4 * * *', name = 'vault') =>
  [
    `# BEGIN ADD-ON ${name} of ${home}/lib`,
    `${schedule} /usr/bin/env ADDONS_PLATFORM=x X_ROOT=${home}/apps X_LIB_ROOT=${home}/lib X_ETC_ROOT=${home}/etc /usr/bin/node /opt/cli.cjs cronwrap ${name} backup`,
    `# END ADD-ON ${name} of ${home}/lib`,
    '',
  ].join('\n');

describe('the jobs of an add-on', () => {
  it('are in the crontab while it is enabled', async () => {
    const made = world();
    const { addons, crontab } = made;
    crontab.write(FOREIGN);
    made.install('vault', JOBS);
    expect(await addons.enable('vault', { dryRun: true })).toMatchObject({
      steps: expect.arrayContaining(['put the jobs of vault in the crontab']),
    });
    expect(crontab.calls()).toEqual([]);
    await addons.enable('vault');
    expect(crontab.read()).toBe(FOREIGN + blockOf(made));
    crontab.calls();
    await addons.enable('vault');
    expect(crontab.calls()).toEqual(['-l']);
    expect(await addons.disable('vault', { dryRun: true })).toMatchObject({
      steps: expect.arrayContaining(['take the jobs of vault out of the crontab']),
    });
    await addons.disable('vault');
    expect(crontab.read()).toBe(FOREIGN);
    await addons.uninstall('vault');
    expect((await addons.check()).findings).toEqual([]);
  });

  it('are those of the version in force', async () => {
    const made = world();
    const { addons, crontab, home } = made;
    const source = join(home, 'source');
    made.install('vault', JOBS);
    mkdirSync(source);
    const files = addons.platform.addonRoot('vault');
    await addons.install(files, { as: 'queue' });
    await addons.enable('queue');
    expect(crontab.read()).toBe(blockOf(made, '30 4 * * *', 'queue'));
    writeFileSync(join(files, 'addon.toml'), JOBS['addon.toml'].replace('30 4', '0 5'));
    await addons.install(files, { as: 'queue', force: true });
    expect(crontab.read()).toBe(blockOf(made, '0 5 * * *', 'queue'));
    rmSync(join(files, 'addon.toml'));
    await addons.install(files, { as: 'queue', force: true });
    expect(crontab.read()).toBe('');
    crontab.calls();
    await addons.disable('queue');
    expect(crontab.calls()).toEqual([]);
  });

  it('follow a developer', async () => {
    const made = world();
    const { addons, crontab } = made;
    made.install('vault', JOBS);
    const source = addons.platform.addonRoot('vault');
    await addons.develop(source, { as: 'mine' });
    await addons.enable('mine');
    writeFileSync(join(source, 'addon.toml'), JOBS['addon.toml'].replace('30 4', '0 5'));
    await addons.develop(source, { as: 'mine' });
    expect(crontab.read()).toBe(blockOf(made, '0 5 * * *', 'mine'));
  });

  it('start no program where there are none', async () => {
    const made = world();
    await made.enable('vault');
    made.app('shop');
    await made.addons.add('shop', 'vault');
    await made.addons.check({ fix: true });
    await made.addons.disable('vault', { force: true });
    await made.addons.uninstall('vault');
    expect(made.crontab.calls()).toEqual([]);
  });

  it('of two platforms of one user stand beside each other', async () => {
    const crontab = crontabProgram();
    const worlds = Array.from({ length: 6 }, () =>
      platform({ scriptPath: crontab.scriptPath, program: ['/usr/bin/node', '/opt/cli.cjs'] }),
    );
    crontab.write(FOREIGN);
    await Promise.all(worlds.map((one) => one.enable('vault', JOBS)));
    for (const one of worlds) expect(crontab.read()).toContain(blockOf(one));
    await Promise.all(worlds.slice(1).map(({ addons }) => addons.disable('vault')));
    expect(crontab.read()).toBe(FOREIGN + blockOf(worlds[0] as World));
  });
});

describe('a crontab that', () => {
  it.each([
    ['list', 'crontab: fopen: Permission denied', 'permission'],
    ['list', 'You (root) are not allowed to use this program (crontab)', 'permission'],
    ['write', 'tmp/crontab: No space left on device', 'io'],
  ] as const)('cannot be used (%s: %s) loses nothing', async (what, message, code) => {
    const made = world();
    const { addons, crontab } = made;
    crontab.write(FOREIGN);
    crontab.fail(what, message);
    made.install('vault', JOBS);
    const error = await failure(addons.enable('vault'));
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(crontab.read()).toBe(FOREIGN);
    expect((await addons.info('vault')).enabled).toBe(true);
    expect((await addons.check()).findings).toMatchObject([{ kind: 'crontab' }]);
    crontab.fail(what);
    expect((await addons.check({ fix: true })).fixed).toMatchObject([{ kind: 'crontab', addon: 'vault' }]);
    expect(crontab.read()).toBe(FOREIGN + blockOf(made));
  });

  it('has a marker without its counterpart is left as it is', async () => {
    const made = world();
    const { addons, crontab } = made;
    const broken = `${FOREIGN}# BEGIN ADD-ON other of /x\n@daily true\n`;
    crontab.write(broken);
    made.install('vault', JOBS);
    expect(await failure(addons.enable('vault'))).toMatchObject({
      code: 'malformed',
      message: expect.stringContaining('line 3, begins the jobs of other'),
    });
    expect(crontab.read()).toBe(broken);
    expect((await addons.check({ fix: true })).findings).toMatchObject([{ kind: 'crontab', severity: 'error' }]);
  });

  it('is not there leaves the add-on enabled, and says what to install', async () => {
    const made = platform({ scriptPath: '/nowhere' });
    made.install('vault', JOBS);
    const error = await failure(made.addons.enable('vault'));
    expect(error.message).toContain('could not be started: ENOENT');
  });
});

describe('check finds', () => {
  it.each([
    ['what is missing', () => FOREIGN, 'are not in the crontab'],
    ['what was changed', (text: string) => text.replace('30 4', '0 0'), 'are other than they should be'],
    ['what is there twice', (text: string) => text + text, 'are other than they should be'],
  ])('%s, and mends it', async (_, spoil, message) => {
    const made = world();
    const { addons, crontab } = made;
    await made.enable('vault', JOBS);
    crontab.write(spoil(crontab.read() ?? ''));
    expect((await addons.check()).findings).toMatchObject([
      { kind: 'crontab', addon: 'vault', message: expect.stringContaining(message) },
    ]);
    await addons.check({ fix: true });
    expect(crontab.read()).toContain(blockOf(made));
    expect((await addons.check()).findings).toEqual([]);
  });

  it('no fault with another copy of the program, unless the one in the crontab is gone', async () => {
    const made = world();
    const { crontab, home, open } = made;
    const cli = join(home, 'cli.cjs');
    const [other, gone] = [
      open({ program: [process.execPath, cli] }),
      open({ program: ['/usr/bin/node', '/opt/cli.cjs'] }),
    ];
    writeFileSync(cli, '');
    made.install('vault', JOBS);
    await other.enable('vault');
    expect((await gone.check()).findings).toEqual([]);
    rmSync(cli);
    expect((await gone.check()).findings).toMatchObject([{ kind: 'crontab', addon: 'vault' }]);
    await gone.check({ fix: true });
    expect(crontab.read()).toBe(blockOf(made));
  });

  it('jobs of an add-on that is gone, and mends it', async () => {
    const made = world();
    const { addons, crontab } = made;
    await made.enable('vault', JOBS);
    crontab.write(FOREIGN + crontab.read());
    rmSync(addons.platform.addonRoot('vault'), { recursive: true });
    expect((await addons.check()).findings).toMatchObject([
      { kind: 'crontab', message: expect.stringContaining('vault is not enabled, but the crontab of') },
    ]);
    await addons.check({ fix: true });
    expect(crontab.read()).toBe(FOREIGN);
  });
});

it('the next command brings in line what a killed one announced', async () => {
  const made = world();
  const { addons, crontab } = made;
  await made.enable('vault', JOBS);
  made.app('shop');
  crontab.write(FOREIGN);
  writeFileSync(join(addons.platform.cron, 'vault', '.crontab.4194304.0123456789ab.tmp'), '');
  crontab.fail('list', 'crontab: out of order');
  const { events, onProgress } = listener();
  await addons.add('shop', 'vault', { onProgress });
  expect(events).toContainEqual({ type: 'warning', message: expect.stringContaining('out of order') });
  crontab.fail('list');
  await addons.rotate('shop', 'vault').catch(() => {});
  expect(crontab.read()).toBe(FOREIGN + blockOf(made));
});

it.skipIf(process.geteuid?.() !== 0)("(as root) the crontab is that of the platform's own user", async () => {
  const made = world();
  const { addons, crontab, home } = made;
  mkdirSync(addons.platform.libRoot);
  chownSync(addons.platform.libRoot, NOBODY, NOBODY);
  await made.enable('vault', JOBS);
  expect(crontab.calls()).toEqual(['-u nobody -l', expect.stringContaining('-u nobody '), '-u nobody -l']);
  const below = readdirSync(join(home, 'lib/cron'), { recursive: true, encoding: 'utf8' }).map((path) =>
    join(home, 'lib/cron', path),
  );
  expect(below.map((path) => statSync(path).uid)).toEqual(below.map(() => NOBODY));
  await addons.runJob('vault', 'backup');
  const logs = join(home, 'lib/logs/vault');
  expect(
    [logs, join(logs, 'cron-backup.log'), join(home, 'lib/cron/vault/backup.lock')].map((path) => statSync(path).uid),
  ).toEqual([NOBODY, NOBODY, NOBODY]);
});

const NOBODY = 65534;
