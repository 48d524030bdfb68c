import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runScript, type ScriptEnd, type ScriptRun } from '../../lib/scripts/run.ts';
import { isRunning, makePlace, type Place } from './fixtures/place.ts';

let place: Place;
let stdout: number;
let stderr: number;
beforeEach(() => {
  place = makePlace();
  stdout = openSync(join(place.dir, 'out'), 'w');
  stderr = openSync(join(place.dir, 'err'), 'w');
});
afterEach(() => {
  closeSync(stdout);
  closeSync(stderr);
  place.remove();
});

const out = () => readFileSync(join(place.dir, 'out'), 'utf8');
const err = () => readFileSync(join(place.dir, 'err'), 'utf8');
const PATH = '/usr/bin:/bin';

const run = (body: string, more: Partial<ScriptRun> = {}): Promise<ScriptEnd> =>
  runScript({
    path: place.script('dump', body),
    args: [],
    env: { PATH },
    cwd: place.dir,
    stdout,
    stderr,
    timeout: 10_000,
    ...more,
  });

const DONE = { exit: 0, signal: null, timedOut: false, aborted: false };

describe('a script', () => {
  test('gets its arguments as they are, its directory, and only the environment it is given', async () => {
    const args = ['-n', '$(id)', 'a \'b\' "c" *', 'é', ''];
    expect(await run('printf "[%s]" "$@"; pwd; env >&2', { args, env: { PATH, ADDON: 'db' } })).toEqual(DONE);
    expect(out()).toBe(`${args.map((arg) => `[${arg}]`).join('')}${place.dir}\n`);
    const names = [...err().matchAll(/^([^=]+)=/gm)].map(([, name]) => name);
    expect(names).toEqual(expect.arrayContaining(['PATH', 'ADDON']));
    expect(names).not.toContain('NODE_ENV');
  });

  test('has an empty stdin, or the file that is restored', async () => {
    expect(await run('wc -c')).toEqual(DONE);
    expect(out().trim()).toBe('0');
    const backup = join(place.dir, 'backup');
    writeFileSync(backup, Buffer.from([0, 255, 10, 128]));
    const stdin = openSync(backup, 'r');
    await run('wc -c', { stdin });
    closeSync(stdin);
    expect(out().trim().split(/\s+/)).toEqual(['0', '4']);
  });

  test('tells its exit status, and the signal that ended it', async () => {
    expect(await run('exit 7')).toEqual({ ...DONE, exit: 7 });
    expect(await run('kill -9 $$')).toEqual({ ...DONE, exit: null, signal: 'SIGKILL' });
  });

  test('without #! is run by the shell', async () => {
    const path = place.script('bare', '');
    writeFileSync(path, 'echo "bare $1"\n');
    expect(await run('', { path, args: ['x'] })).toEqual(DONE);
    expect(out()).toBe('bare x\n');
  });

  test('may leave a daemon behind that holds its output, and is over all the same', async () => {
    const begun = performance.now();
    expect(await run('sleep 60 & echo $! >daemon; echo done')).toEqual(DONE);
    expect(performance.now() - begun).toBeLessThan(5000);
    expect(out()).toBe('done\n');
    expect(isRunning(await place.pid('daemon'))).toBe(true);
  });

  test('that takes too long is killed with all it started', async () => {
    const end = await run('sleep 60 & echo $! >child; echo begun; sleep 60', { timeout: 200 });
    expect(end).toMatchObject({ exit: null, signal: 'SIGTERM', timedOut: true, aborted: false });
    expect(out()).toBe('begun\n');
    expect(isRunning(await place.pid('child'))).toBe(false);
  });

  test('that ignores TERM is killed after the grace', async () => {
    const begun = performance.now();
    const end = await run('trap "" TERM; sleep 60 & echo $! >child; while :; do sleep 1; done', {
      timeout: 200,
      grace: 300,
    });
    expect(end).toMatchObject({ signal: 'SIGKILL', timedOut: true });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(500);
    expect(isRunning(await place.pid('child'))).toBe(false);
  });

  test('that ends on TERM, while a child of it does not, is waited for until none is left', async () => {
    const end = await run(
      `(trap "" TERM; echo "$(exec sh -c 'echo $PPID')" >child; while :; do sleep 1; done) & wait`,
      {
        timeout: 200,
        grace: 200,
      },
    );
    expect(end).toMatchObject({ timedOut: true });
    expect(isRunning(await place.pid('child'))).toBe(false);
  });

  test('is killed when its caller aborts, and not started when that came first', async () => {
    const controller = new AbortController();
    const ending = run('echo $$ >self; sleep 60', { signal: controller.signal });
    const pid = await place.pid('self');
    controller.abort();
    expect(await ending).toMatchObject({ aborted: true, timedOut: false });
    expect(isRunning(pid)).toBe(false);
    expect(await run('echo late', { signal: controller.signal })).toEqual({ ...DONE, exit: null, aborted: true });
    expect(out()).toBe('');
  });

  test('that somebody is just writing is tried again', async () => {
    const path = place.script('busy', 'echo fine');
    const writer = openSync(path, 'r+');
    const ending = run('', { path });
    await delay(100);
    closeSync(writer);
    expect(await ending).toEqual(DONE);
    expect(out()).toBe('fine\n');
  });

  test('that cannot be started is an error which does not tell the arguments', async () => {
    const path = place.script('broken', '');
    writeFileSync(path, '#!/no/such/program\n');
    const error = await run('', { path, args: ['id', 'hunter2'] }).catch((reason) => reason);
    expect(error).toMatchObject({ code: 'script-not-found', details: { script: 'broken' } });
    expect(error.hint).toContain('#!');
    expect(JSON.stringify(error) + error.message + error.stack + String(error.cause)).not.toContain('hunter2');
  });

  test('writes binary data through unharmed', async () => {
    writeSync(stdout, 'x');
    await run("printf '\\000\\377\\012'");
    expect([...readFileSync(join(place.dir, 'out'))]).toEqual([120, 0, 255, 10]);
  });
});
