import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCaptured } from '../../lib/scripts/captured-run.ts';
import { makePlace, type Place } from './fixtures/place.ts';

let place: Place;
let outputs: string;
beforeEach(() => {
  place = makePlace();
  outputs = join(place.dir, 'outputs');
});
afterEach(() => place.remove());

const run = (body: string, { limit = 100, timeout = 20_000 } = {}) =>
  runCaptured(
    { path: place.script('program', body), args: ['a b'], env: { PATH: '/usr/bin:/bin' }, cwd: '/', timeout },
    outputs,
    limit,
  );

it('gives how it ended and what it said, and leaves no file', async () => {
  const { exit, out, err } = await run('echo "out $1"; echo err >&2; exit 3');
  expect([exit, out.toString(), err.toString()]).toEqual([3, 'out a b\n', 'err\n']);
  expect([readdirSync(outputs), statSync(outputs).mode & 0o777]).toEqual([[], 0o700]);
});

it('is not held up by what the program leaves running', async () => {
  const { exit, out, err } = await run('echo done; sleep 300 & echo $! >&2');
  expect([exit, out.toString()]).toEqual([0, 'done\n']);
  expect(process.kill(Number(err), 'SIGKILL')).toBe(true); // it runs on
});

it('takes one byte more than the limit, to show that there was more', async () => {
  expect((await run('printf 123456', { limit: 4 })).out.toString()).toBe('12345');
});

it('tells when it took too long, and leaves no file then either', async () => {
  const { exit, timedOut } = await run('sleep 30', { timeout: 200 });
  expect([exit, timedOut, readdirSync(outputs)]).toEqual([null, true, []]);
});

it('leaves no file where there is no program', async () => {
  rmSync(outputs, { recursive: true, force: true });
  const gone = runCaptured({ path: '/nowhere/program', args: [], env: {}, cwd: '/', timeout: 1000 }, outputs, 10);
  await expect(gone).rejects.toMatchObject({ code: 'script-not-found' });
  expect(existsSync(outputs) ? readdirSync(outputs) : []).toEqual([]);
});
