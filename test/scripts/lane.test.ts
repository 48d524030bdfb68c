import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Lanes, type LanesOptions, openLanes, type UrlJob } from '../../lib/scripts/lane.ts';
import { sweepOutputs } from '../../lib/scripts/outputs.ts';
import { isRunning, makePlace, type Place, processesWith, until } from './fixtures/place.ts';

const links = mkdtempSync(join(tmpdir(), 'addons-shells-'));
const shells = ['dash', 'bash', 'busybox'].filter((name) => existsSync(`/bin/${name}`));
for (const name of shells) {
  mkdirSync(join(links, name));
  symlinkSync(`/bin/${name}`, join(links, name, 'sh'));
}
afterAll(() => rmSync(links, { recursive: true }));

describe.each(shells)('url scripts in lanes where /bin/sh is %s', (name) => {
  const shell = join(links, name, 'sh');
  let place: Place;
  let outputs: string;
  let lanes: Lanes;
  beforeEach(() => {
    place = makePlace();
    outputs = join(place.dir, 'lib', 'outputs');
    lanes = open();
  });
  afterEach(async () => {
    await lanes.close();
    expect(readdirSync(outputs)).toEqual([]);
    // One that was just killed may still be on its way out.
    await expect.poll(() => processesWith('TEST_PLACE', place.dir).filter((pid) => !daemons.includes(pid))).toEqual([]);
    for (const pid of daemons.splice(0).filter(isRunning)) process.kill(pid, 'SIGKILL');
    place.remove();
  });

  /** What is meant to live on when the lanes are closed. */
  const daemons: number[] = [];
  const daemon = async (name: string) => {
    const pid = await place.pid(name);
    daemons.push(pid);
    return pid;
  };
  const open = (more: Partial<LanesOptions> = {}) => openLanes({ outputs, width: 2, grace: 200, shell, ...more });
  const job = (body: string, more: Partial<UrlJob> & { name?: string } = {}): UrlJob => ({
    addon: 'db',
    app: 'shop',
    script: place.script(more.name ?? 'url', body),
    cwd: place.dir,
    env: { PATH: '/usr/bin:/bin', TEST_PLACE: place.dir },
    id: 'id1',
    private: 'secret',
    timeout: 10_000,
    ...more,
  });
  const url = (body: string, more: Partial<UrlJob> & { name?: string } = {}, signal?: AbortSignal) =>
    lanes.run(job(body, more), signal);
  const laneShells = () =>
    processesWith('TEST_PLACE', place.dir).filter((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('addons-lane'),
    );

  test('give their output, their messages and their status', async () => {
    const result = await url('echo "db://$1:$2@here"; echo "hm" >&2; exit 3');
    expect(String(result.out)).toBe('db://id1:secret@here\n');
    expect(String(result.err)).toBe('hm\n');
    expect(result).toMatchObject({ status: 3, timedOut: false, tooLong: false });
    expect((await url('kill -9 $$')).status).toBe(137);
    expect((await url('', { script: join(place.dir, 'missing') })).status).toBe(127);
    expect((await url('', { script: place.dir })).status).toBe(126);
  });

  test('get ids and privates as they are, whatever these hold', async () => {
    const show = job(`printf '%s\\0' "$@"`);
    const check = async (id: string, secret: string) => {
      const { out } = await lanes.run({ ...show, id, private: secret });
      expect(String(out)).toBe(`${id}\0${secret}\0`);
    };
    const hostile = ["it's", '"', '$(touch evil)', '`touch evil`', '*', '-n', '--', ' a  b ', '\\', '\\n', 'é😀\u{81}'];
    for (const text of [...hostile, '\t', '#', '&;|', '$PATH', 'x'.repeat(4096), '\u{1}\u{7f}', '']) {
      await check(text, text);
    }
    const text = fc.string({ unit: 'binary' }).map((any) => any.replace(/[\n\r\0\p{Cs}]/gu, ''));
    await fc.assert(fc.asyncProperty(text, text, check), { numRuns: 100 });
    expect(existsSync(join(place.dir, 'evil'))).toBe(false);
  });

  test('may not be given a line break: it would be the next job', async () => {
    await expect(url('', { private: 'a\nb' })).rejects.toMatchObject({ code: 'malformed' });
    await expect(url('', { id: 'a\0' })).rejects.toMatchObject({ code: 'malformed' });
  });

  test('run in their directory, with their environment, an empty stdin, default signals and no descriptor of ours', async () => {
    const umask = process.umask(0o027);
    lanes = open();
    const { out } = await url('pwd; wc -c; umask; grep SigIgn /proc/$$/status; ls -l /proc/$$/fd');
    process.umask(umask);
    const [cwd, stdin, mask, ignored, ...descriptors] = String(out).split('\n');
    expect([cwd, stdin?.trim(), mask]).toEqual([place.dir, '0', '0027']);
    expect(ignored).toMatch(/\t0{16}$/);
    expect(descriptors.join('\n')).toContain('.out');
    expect(descriptors.join('\n')).not.toContain('socket:');
    const { out: variables } = await url('env');
    const names = [...String(variables).matchAll(/^([^=]+)=/gm)].map(([, name]) => name ?? '');
    const known = ['PATH', 'TEST_PLACE', 'ADDONS_RUN', 'PWD', 'OLDPWD', 'SHLVL', '_'];
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
  });

  test('keep their output from other users while they run', async () => {
    const running = url('sleep 0.2; echo done');
    await until(() => readdirSync(outputs).length === 2);
    expect(statSync(outputs).mode & 0o777).toBe(0o700);
    await running;
    expect(readdirSync(outputs)).toEqual([]);
    chmodSync(outputs, 0o755);
    await open().close();
    expect(statSync(outputs).mode & 0o777).toBe(0o700);
  });

  test('share a lane, which is set up anew for each add-on', async () => {
    const other = join(place.dir, 'other place');
    mkdirSync(other);
    const common = { PATH: '/bin', TEST_PLACE: place.dir };
    const db = { addon: 'db', env: { ...common, ADDON: 'db', ADDON_CONFIG_SIZE: "1 ' $(x) `y`" } };
    const redis = { addon: 'redis', cwd: other, env: { ...common, ADDON: 'redis', ADDON_DATA: '-n' } };
    const show = async (more: Partial<UrlJob>) => {
      const variables = '"$ADDON|$(printenv ADDON_CONFIG_SIZE || echo none)|$(printenv ADDON_DATA || echo none)"';
      const said = await url(`echo "$PPID"; pwd; echo ${variables}`, more);
      return String(said.out).trim().split('\n');
    };
    const [lane] = await show(db);
    expect(await show(redis)).toEqual([lane, other, 'redis|none|-n']);
    expect(await show(db)).toEqual([lane, place.dir, "db|1 ' $(x) `y`|none"]);
  });

  test('get a lane of their own when a variable differs that is not ours', async () => {
    const show = async (env: Record<string, string>) =>
      String((await url('echo "$PPID"', { env: { PATH: '/bin', TEST_PLACE: place.dir, ...env } })).out);
    const lane = await show({ ADDON: 'db' });
    expect(await show({ ADDON: 'redis' })).toBe(lane);
    expect(await show({ ADDON: 'db', IFS: 'x' })).not.toBe(lane);
    expect(await show({ ADDON: 'db', ADDON_CONFIG_TEXT: 'two\nlines' })).not.toBe(lane);
  });

  test('are not run in another directory when theirs is gone', async () => {
    await url('true');
    const gone = await url('echo ran', {
      cwd: join(place.dir, 'gone'),
      env: { PATH: '/usr/bin:/bin', ADDON: 'other', TEST_PLACE: place.dir },
    });
    expect([gone.status, String(gone.out)]).toEqual([126, '']);
  });

  test('leave at most 32 lanes waiting', async () => {
    for (let n = 0; n < 36; n++) {
      await url('exit 0', { env: { PATH: '/bin', N: String(n), TEST_PLACE: place.dir } });
    }
    await until(() => laneShells().length === 32);
  });

  test('run at most so many at once, over all add-ons', async () => {
    const body = 'echo + >>log; sleep 0.05; echo - >>log';
    await Promise.all(Array.from({ length: 12 }, (_, n) => url(body, { addon: `addon${n % 3}` })));
    let now = 0;
    const signs = readFileSync(join(place.dir, 'log'), 'utf8').trim().split('\n');
    const counts = signs.map((sign) => {
      now += sign === '+' ? 1 : -1;
      return now;
    });
    expect(Math.max(...counts)).toBe(2);
  });

  test('may leave a daemon behind that holds their output, and it survives the timeout of another', async () => {
    const held = await url('sh -c "sleep 0.1; echo noise; exec sleep 60" & echo $! >daemon; echo url');
    expect(String(held.out)).toBe('url\n');
    const bare = await url('env -i sleep 60 & echo $! >bare; echo url');
    expect(bare.status).toBe(0);
    await delay(50); // both clocks of a process's age have steps
    const late = await url('sleep 60 & echo $! >child; sleep 60', { timeout: 100 });
    expect(late).toMatchObject({ timedOut: true });
    expect(isRunning(await place.pid('child'))).toBe(false);
    expect(isRunning(await daemon('daemon'))).toBe(true);
    expect(isRunning(await daemon('bare'))).toBe(true);
    expect(String((await url('echo next')).out)).toBe('next\n');
  });

  test('that hang are killed, with what has left their session or their environment', async () => {
    const body = `setsid sleep 61 & echo $! >escaped; env -i sleep 62 & echo $! >bare
      setsid sh -c 'sleep 63 & echo $! >grandchild; exec sleep 64' & echo begun; sleep 65`;
    const result = await url(body, { timeout: 300 });
    expect(result).toMatchObject({ timedOut: true, tooLong: false });
    expect(String(result.out)).toBe('begun\n');
    for (const name of ['escaped', 'bare', 'grandchild']) expect(isRunning(await place.pid(name))).toBe(false);
    expect((await url('exit 4')).status).toBe(4);
  });

  test('that ignore TERM are killed after the grace, and their lane goes on', async () => {
    const begun = performance.now();
    const result = await url('trap "" TERM; echo $PPID >lane; while :; do sleep 60; done', { timeout: 100 });
    expect(result).toMatchObject({ timedOut: true, status: 137 });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(300);
    const lane = await place.pid('lane');
    expect(String((await url('echo $PPID')).out)).toBe(`${lane}\n`);
  });

  test('that signal their own group end themselves, not the next one', async () => {
    const result = await url('trap "" TERM; kill 0; trap - TERM; echo fine');
    expect(result).toMatchObject({ status: 0 });
    expect(String(result.out)).toBe('fine\n');
    expect((await url('kill -INT 0; sleep 1')).status).toBeGreaterThan(0);
    expect(String((await url('echo next')).out)).toBe('next\n');
  });

  test('that write without end are stopped before the disk is full', async () => {
    // The limit is for this machine: where the test itself dies, nobody stops it.
    const flood =
      'ulimit -f 2000000; trap "" TERM; while :; do dd if=/dev/zero bs=65536 count=4 2>/dev/null || exit; done';
    const result = await url(flood, { timeout: 60_000 });
    expect(result).toMatchObject({ tooLong: true, timedOut: false });
    expect(result.out.length).toBe(64 * 1024 + 1);
    const quick = await url('dd if=/dev/zero bs=65536 count=2 2>/dev/null');
    expect(quick).toMatchObject({ status: 0, tooLong: true });
    expect(quick.out.length).toBe(64 * 1024 + 1);
    expect(await url('dd if=/dev/zero bs=65536 count=1 2>/dev/null')).toMatchObject({ tooLong: false });
  });

  test('that complain without end leave the end of it, and no more', async () => {
    const body =
      'dd if=/dev/zero bs=1048576 count=8 >&2 2>/dev/null; sleep 0.4; echo last >&2; ls -ls "$OUTPUTS" >listing';
    const env = { PATH: '/usr/bin:/bin', TEST_PLACE: place.dir, OUTPUTS: outputs };
    const { err } = await url(body, { env });
    expect(String(err.subarray(-5))).toBe('last\n');
    expect(err.length).toBeLessThanOrEqual(16 * 1024);
    const sizes = readFileSync(join(place.dir, 'listing'), 'utf8').match(/^ *\d+(?= -)/gm) ?? [];
    expect(sizes.map(Number).reduce((a, b) => a + b, 0)).toBeLessThan(1024);
  });

  test('whose lane is killed fail, and the next one has a new lane', async () => {
    const running = url('echo $PPID >lane; echo private-part; sleep 60');
    const lane = await place.pid('lane');
    process.kill(-lane, 'SIGKILL');
    const error = await running.catch((reason) => reason);
    expect(error).toMatchObject({ code: 'script-failed', details: { addon: 'db', script: 'url' } });
    expect(`${error.message}${error.hint}${error.stack}`).not.toMatch(/secret|private-part/);
    const next = Number((await url('echo $PPID')).out);
    process.kill(next, 'SIGKILL'); // an idle one: not even noticed yet when the next job comes
    expect(String((await url('echo $2')).out)).toBe('secret\n');
  });

  test('that stop their lane cost that lane only', async () => {
    expect(await url('kill -STOP $PPID; sleep 60', { timeout: 100 })).toMatchObject({ timedOut: true, status: null });
    expect(String((await url('echo next')).out)).toBe('next\n');
  });

  test('are killed when their caller aborts; those that wait do not begin', async () => {
    const controller = new AbortController();
    const runs = ['a', 'b', 'c', 'd'].map((name) =>
      url(`echo $$ >${name}; sleep 60`, { name: `url-${name}` }, controller.signal),
    );
    const other = url('echo other', { name: 'other' });
    const settled = Promise.allSettled(runs);
    const pids = [await place.pid('a'), await place.pid('b')];
    controller.abort();
    for (const one of await settled) expect(one).toMatchObject({ status: 'rejected', reason: { code: 'aborted' } });
    expect(pids.map(isRunning)).toEqual([false, false]);
    expect(existsSync(join(place.dir, 'c'))).toBe(false);
    expect(String((await other).out)).toBe('other\n');
    await expect(url('echo', {}, controller.signal)).rejects.toMatchObject({ code: 'aborted' });
  });

  test('are killed by close, and refused after it', async () => {
    const runs = [1, 2, 3].map((n) => url('trap "" TERM; sleep 60', { name: `url${n}` }));
    const settled = Promise.allSettled(runs);
    await until(() => readdirSync(outputs).length === 4);
    await lanes.close();
    expect(readdirSync(outputs)).toEqual([]);
    for (const one of await settled) expect(one).toMatchObject({ reason: { code: 'aborted' } });
    await expect(url('echo')).rejects.toMatchObject({ code: 'aborted' });
  });

  test('of an add-on whose directory is gone are an error, for each that waits', async () => {
    const runs = Array.from({ length: 50 }, () => url('echo', { cwd: join(place.dir, 'gone') }));
    for (const one of await Promise.allSettled(runs)) expect(one).toMatchObject({ reason: { code: 'io' } });
    expect((await url('exit 0')).status).toBe(0);
  });

  test('whose output cannot be created do not begin, and say so by their status', async () => {
    await url('exit 0');
    rmSync(outputs, { recursive: true });
    const result = await url('echo x >begun');
    expect(result.status).toBeGreaterThan(0);
    expect(result.out.length + result.err.length).toBe(0);
    expect(existsSync(join(place.dir, 'begun'))).toBe(false);
    mkdirSync(outputs);
  });

  test('write their messages to the given descriptor when tracing, and none is kept', async () => {
    const path = join(place.dir, 'trace');
    const trace = openSync(path, 'a');
    const traced = open({ trace });
    const result = await traced.run(job('set -x; echo "$1"'));
    await traced.close();
    closeSync(trace);
    expect(String(result.out)).toBe('id1\n');
    expect(result.err.length).toBe(0);
    expect(readFileSync(path, 'utf8')).toContain('+ echo id1');
  });

  test('are many without harm', async () => {
    const echo = job('echo "$1"');
    const signal = new AbortController().signal;
    const ids = Array.from({ length: 300 }, (_, n) => `id${n}`);
    const results = await Promise.all(ids.map((id) => lanes.run({ ...echo, id }, signal)));
    expect(results.map(({ out }) => String(out).trim())).toEqual(ids);
    expect(laneShells().length).toBe(2);
  });
});

describe('a process with lanes', () => {
  const program = (place: Place, more: string) => `
    import { openLanes } from '${new URL('../../lib/scripts/lane.ts', import.meta.url).pathname}';
    const lanes = openLanes({ outputs: '${place.dir}/outputs', width: 1 });
    const job = { addon: 'db', script: '${place.dir}/url', cwd: '${place.dir}', id: 'i', private: 'p', timeout: 10000,
      env: { PATH: '/usr/bin:/bin', TEST_PLACE: '${place.dir}' } };
    console.log(String((await lanes.run(job)).out).trim());
    ${more}`;
  const start = (place: Place, more: string) => {
    const entry = join(place.dir, 'program.ts');
    const bundle = join(place.dir, 'program.mjs');
    writeFileSync(entry, program(place, more));
    const esbuild = new URL('../../node_modules/.bin/esbuild', import.meta.url).pathname;
    spawnSync(esbuild, [
      entry,
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--external:execa',
      `--outfile=${bundle}`,
    ]);
    return spawnSync(process.execPath, [bundle], { encoding: 'utf8', timeout: 10_000 });
  };

  test('ends by itself though it forgot to close them, and they end with it', async () => {
    const place = makePlace();
    place.script('url', 'echo hello');
    expect(start(place, '')).toMatchObject({ status: 0, stdout: 'hello\n' });
    await until(() => processesWith('TEST_PLACE', place.dir).length === 0);
    place.remove();
  });

  test('that is killed leaves no lane, and only output files that a sweep finds', async () => {
    const place = makePlace();
    const outputs = join(place.dir, 'outputs');
    place.script('url', 'echo hello; test ! -e again || sleep 0.5');
    const killed = start(
      place,
      `(await import('node:fs')).writeFileSync('${place.dir}/again', '');
      void lanes.run(job);
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), 150);`,
    );
    expect(killed.signal).toBe('SIGKILL');
    await until(() => processesWith('TEST_PLACE', place.dir).length === 0);
    expect(readdirSync(outputs).length).toBe(2);
    const ours = openLanes({ outputs, width: 1 });
    const running = ours.run({
      addon: 'db',
      app: 'shop',
      script: place.script('slow', 'sleep 0.5; echo mine'),
      cwd: place.dir,
      env: { PATH: '/usr/bin:/bin' },
      id: 'i',
      private: 'p',
      timeout: 10_000,
    });
    await until(() => readdirSync(outputs).length === 4);
    writeFileSync(join(outputs, 'not-ours'), '');
    expect(sweepOutputs(outputs)).toBe(2);
    expect(String((await running).out)).toBe('mine\n');
    await ours.close();
    expect(readdirSync(outputs)).toEqual(['not-ours']);
    place.remove();
  });

  test('sweeps when much was left', async () => {
    const place = makePlace();
    const { pid } = spawnSync('/bin/true');
    const namespace = /\d+/.exec(spawnSync('readlink', ['/proc/self/ns/pid'], { encoding: 'utf8' }).stdout)?.[0];
    for (let n = 0; n < 70; n++) writeFileSync(join(place.dir, `${pid}-${namespace}-abcd0123-${n}.out`), '');
    writeFileSync(join(place.dir, `${pid}-1-abcd0123-1.out`), ''); // of another pid namespace
    await openLanes({ outputs: place.dir, width: 1 }).close();
    expect(readdirSync(place.dir)).toEqual([`${pid}-1-abcd0123-1.out`]);
    place.remove();
  });
});
