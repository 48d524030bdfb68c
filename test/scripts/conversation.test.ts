import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Pipes, runScript, type ScriptEnd } from '../../lib/scripts/run.ts';
import { isRunning, makePlace, type Place, until } from './fixtures/place.ts';

// Programs that are talked to over pipes, instead of being waited for.

let place: Place;
beforeEach(() => {
  place = makePlace();
});
afterEach(() => place.remove());

const PATH = '/usr/bin:/bin';

interface Talk {
  pipes: Pipes;
  said: () => string;
  ended: Promise<ScriptEnd>;
  stop: AbortController;
}

async function talkTo(body: string, args: string[] = [], timeout = 30_000): Promise<Talk> {
  const stop = new AbortController();
  let said = '';
  let ended: Promise<ScriptEnd> | undefined;
  const pipes = await new Promise<Pipes>((resolve, reject) => {
    ended = runScript({
      path: place.script('talker', body),
      args,
      env: { PATH },
      cwd: place.dir,
      timeout,
      grace: 200,
      signal: stop.signal,
      talk: resolve,
    });
    ended.catch(reject);
  });
  pipes.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  if (ended === undefined) throw new Error('not begun');
  return { pipes, said: () => said, ended, stop };
}

const DONE = { exit: 0, signal: null, timedOut: false, aborted: false };

describe('a program that is talked to', () => {
  test('answers as long as its stdin is open, with its arguments and environment as they are', async () => {
    const talk = await talkTo('while read -r line; do echo "$1: $line"; done; echo "bye $PATH"', ["it's"]);
    talk.pipes.stdin.write('one\n');
    await until(() => talk.said() === "it's: one\n");
    talk.pipes.stdin.write('two\n');
    talk.pipes.stdin.end();
    expect(await talk.ended).toEqual(DONE);
    expect(talk.said()).toBe(`it's: one\nit's: two\nbye ${PATH}\n`);
  });

  test('tells its exit status', async () => {
    expect(await (await talkTo('exit 7')).ended).toEqual({ ...DONE, exit: 7 });
    expect(await (await talkTo('kill -9 $$')).ended).toEqual({ ...DONE, exit: 137 });
  });

  test('takes with it what it left behind, and is over though that holds its output', async () => {
    const talk = await talkTo('sleep 600 & echo $! >child; exit 3');
    expect(await talk.ended).toMatchObject({ exit: 3 });
    expect(isRunning(await place.pid('child'))).toBe(false);
  });

  test('is killed with all it started when its caller wants it or its time is over', async () => {
    const stubborn = 'trap "" TERM; sleep 600 & echo $! >child; echo $$ >self; while :; do sleep 1; done';
    const talk = await talkTo(stubborn);
    const pids = [await place.pid('child'), await place.pid('self')];
    talk.stop.abort();
    expect(await talk.ended).toMatchObject({ aborted: true });
    expect(pids.filter(isRunning)).toEqual([]);
    expect(await (await talkTo('exec sleep 600', [], 200)).ended).toMatchObject({ timedOut: true });
  });

  test('dies with its caller, even one that is killed and though it ignores the end of its stdin', async () => {
    const program = join(place.dir, 'caller.mjs');
    const talker = place.script('hung', 'trap "" TERM PIPE; sleep 600 & echo $! >child; echo $$ >self; sleep 600');
    await build({
      stdin: {
        contents: `import { runScript } from '${import.meta.dirname}/../../lib/scripts/run.ts';
          const [path, cwd] = process.argv.slice(2);
          await runScript({ path, args: [], env: { PATH: '${PATH}' }, cwd, timeout: 60000, talk: () => {} });`,
        resolveDir: import.meta.dirname,
      },
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    });
    const caller = spawn(process.execPath, [program, talker, place.dir], { stdio: 'ignore' });
    const pids = [await place.pid('child'), await place.pid('self')];
    const gone = once(caller, 'exit');
    caller.kill('SIGKILL');
    await gone;
    await until(() => pids.filter(isRunning).length === 0, 20_000);
  });

  test('that cannot be run ends as a shell tells it', async () => {
    const path = place.script('broken', '');
    writeFileSync(path, '#!/no/such/program\n');
    const end = await runScript({ path, args: [], env: { PATH }, cwd: place.dir, timeout: 5000, talk: () => {} });
    expect(end).toMatchObject({ exit: expect.any(Number) });
    expect([126, 127]).toContain(end.exit);
  });
});
