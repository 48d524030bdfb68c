import { existsSync, linkSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openJobLog } from '../../lib/services/job-log.ts';
import { failure, listener, platform } from './world.ts';

/** A platform without a crontab, whose `vault` has this job. */
async function world(job: string, files: Record<string, string> = {}) {
  const made = platform({ program: false });
  await made.enable('vault', {
    'addon.toml': `[config]\ngreeting = "hello"\npassword = "s3cret-word"\n[[cron]]\nschedule = "@daily"\nname = "job"\n${job}\n`,
    ...files,
  });
  const { addons } = made;
  const log = join(addons.platform.logs, 'vault/cron-job.log');
  return { ...made, log, logged: () => readFileSync(log, 'utf8'), run: () => addons.runJob('vault', 'job') };
}

const shell = (script: string, more = '') => `command = ["sh", "-c", '''${script}''']\n${more}`;

async function until(isSo: () => boolean) {
  for (let i = 0; i < 3000 && !isSo(); i++) await pause(10);
  expect(isSo()).toBe(true);
}

describe('a job', () => {
  it('sees what scripts see, and its log tells of it', async () => {
    const made = await world('command = ["./job", "a  b", "%", "$HOME"]', {
      job: 'echo "$ADDON_CONFIG_GREETING|$PWD|$#|$1|$2|$3"; echo "$ADDON_CONFIG_PASSWORD" >&2; printf end; exit 3',
    });
    expect(await made.run()).toEqual({ addon: 'vault', job: 'job', outcome: 'ran', status: 3, log: made.log });
    const root = made.addons.platform.addonRoot('vault');
    expect(made.logged()).toContain(`hello|${root}|3|a  b|%|$HOME\n`);
    expect(made.logged()).toContain('[redacted]\n');
    expect(made.logged()).not.toContain('s3cret');
    expect(made.logged()).toMatch(/^== \S+Z begins\n[\s\S]*end\n== \S+Z ended after \d+\.\d s with exit status 3\n$/);
    expect(statSync(made.log).mode & 0o777).toBe(0o600);
    const [job] = await made.addons.cron('vault');
    expect(job).toMatchObject({ addon: 'vault', job: 'job', enabled: true, last: { status: 3 } });
    expect(await made.addons.cron()).toEqual([job]);
  });

  it('that runs already is left out', async () => {
    const made = await world(
      shell('echo $$ >>"$ADDON_DATA/pids"; while ! [ -e "$ADDON_DATA/go" ]; do sleep 0.02; done'),
    );
    const data = made.addons.platform.addonData('vault');
    const first = made.run();
    await until(() => existsSync(join(data, 'pids')));
    expect(await made.run()).toMatchObject({ outcome: 'left-out' });
    expect(made.logged()).toContain('left out: it runs already');
    writeFileSync(join(data, 'go'), '');
    expect(await first).toMatchObject({ outcome: 'ran', status: 0 });
    expect(await made.run()).toMatchObject({ outcome: 'ran' });
  });

  it('that gives the status of a lock that is taken has run', async () => {
    expect(await (await world(shell('exit 75'))).run()).toMatchObject({ outcome: 'ran', status: 75 });
  });

  it('may run twice at once where it says so', async () => {
    const made = await world(shell('sleep 0.3', 'lock = false'));
    expect(await Promise.all([made.run(), made.run()])).toMatchObject([{ outcome: 'ran' }, { outcome: 'ran' }]);
  });

  it('is ended with all that it started when its time is up, or at a signal', async () => {
    const made = await world(shell('sleep 77 & echo $! >"$ADDON_DATA/child"; wait', 'timeout = 1'));
    const child = () => Number(readFileSync(join(made.addons.platform.addonData('vault'), 'child'), 'utf8'));
    expect(await made.run()).toMatchObject({ status: 124 });
    expect(made.logged()).toContain('exit status 124, as after 1 s it is ended');
    await until(() => !lives(child()));
    const stop = new AbortController();
    const before = child();
    const second = made.addons.runJob('vault', 'job', { signal: stop.signal });
    await until(() => child() !== before);
    stop.abort();
    expect(await second).toMatchObject({ status: 143 });
    await until(() => !lives(child()));
  });

  it('holds nobody up by what it leaves running', async () => {
    const made = await world(shell('setsid sleep 60 & echo $! >>"$ADDON_DATA/left"'));
    onTestFinished(() => {
      const left = readFileSync(join(made.addons.platform.addonData('vault'), 'left'), 'utf8');
      for (const pid of left.trim().split('\n')) process.kill(Number(pid));
    });
    const begun = performance.now();
    expect(await made.run()).toMatchObject({ status: 0 });
    expect(performance.now() - begun).toBeLessThan(20_000);
    expect(await made.run()).toMatchObject({ outcome: 'ran' }); // the lock is free
  });

  it('gets nice and ionice, as far as the user may', async () => {
    const made = await world(shell('nice; ionice', 'nice = 7\nionice = "idle"'));
    await made.run();
    expect(made.logged()).toContain('\n7\nidle\n');
  });

  it('whose program is not there has the status of that', async () => {
    expect(await (await world('command = ["no-such-program"]')).run()).toMatchObject({ status: 127 });
  });

  it('that floods its log fills no disk, and the end is there', async () => {
    const made = await world(
      shell('i=0; while [ $i -lt 200 ]; do head -c 40000 /dev/zero | tr "\\0" x; echo; i=$((i+1)); done; echo last'),
    );
    await made.run();
    const parts = ['', '.1', '.2', '.3', '.4'].map((part) => statSync(`${made.log}${part}`).size);
    expect(Math.max(...parts)).toBeLessThan(1.2 * 1024 * 1024);
    expect(existsSync(`${made.log}.5`)).toBe(false);
    expect(made.logged()).toContain('\nlast\n==');
  });
});

it('a link in the place of its log is not followed, and stops no job', async () => {
  const made = await world(shell('echo hi'));
  await made.run();
  const elsewhere = join(made.home, 'elsewhere');
  writeFileSync(elsewhere, '');
  rmSync(made.log);
  symlinkSync(elsewhere, made.log);
  const { events, onProgress } = listener();
  expect(await made.addons.runJob('vault', 'job', { onProgress })).toMatchObject({ outcome: 'ran', status: 0 });
  rmSync(made.log);
  linkSync(elsewhere, made.log);
  expect(await made.addons.runJob('vault', 'job', { onProgress })).toMatchObject({ outcome: 'ran', status: 0 });
  expect(events.map(({ type }) => type)).toEqual(['warning', 'warning']);
  expect(readFileSync(elsewhere, 'utf8')).toBe('');
});

describe('refused is a job', () => {
  it('of an add-on that is not enabled, or that has none of that name', async () => {
    const made = await world(shell('true'));
    expect(await failure(made.addons.runJob('vault', 'jo'))).toMatchObject({
      code: 'usage',
      message: 'vault has no job "jo". Did you mean "job"?',
    });
    await made.addons.disable('vault');
    expect(await failure(made.run())).toMatchObject({ code: 'not-enabled' });
    expect((await made.addons.cron('vault'))[0]).toMatchObject({ enabled: false });
  });
});

it('uninstalling leaves nothing of the jobs', async () => {
  const made = await world(shell('echo hi'));
  await made.run();
  await made.addons.disable('vault');
  await made.addons.uninstall('vault');
  const { cron, logs } = made.addons.platform;
  expect([join(cron, 'vault'), join(logs, 'vault')].filter((path) => existsSync(path))).toEqual([]);
});

it('a log that is full is put aside', async () => {
  const made = await world(shell('true'));
  await made.run();
  const log = openJobLog(made.log, undefined, 100);
  for (let i = 0; i < 9; i++) log.write(`${i}`.repeat(60).concat('\n'));
  expect(readFileSync(`${made.log}.1`, 'utf8')).toContain('6');
});

const lives = (pid: number): boolean => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
};
