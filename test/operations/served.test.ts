import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needs } from '../require.ts';
import { processesWith } from '../scripts/fixtures/place.ts';
import { collect, failure, listener, platform } from './world.ts';

/** An add-on that answers by `serve`; its script url must not be run. */
async function served(serve: string) {
  const world = platform();
  const { platform: paths } = world.addons;
  await world.enable('vault', { url: 'echo "the script was run" >&2; exit 1' });
  const path = join(paths.addonRoot('vault'), 'serve');
  writeFileSync(path, serve);
  chmodSync(path, 0o755);
  const dir = world.app('shop', 'vault;id-1;hunter2\n');
  writeFileSync(join(dir, 'ENV'), 'MINE=1\n');
  return { ...world, left: () => processesWith('ADDON_ROOT', paths.addonRoot('vault')) };
}

const inPython = (body: string) => `#!/usr/bin/env python3
import json, os, sys, time
def url(id, secret):
${body.replace(/^/gm, '    ')}
def health():
    if os.path.exists(os.environ["ADDON_DATA"] + "/ill"):
        raise ValueError("it is ill")
for line in sys.stdin:
    call = json.loads(line)
    params, reply = call["params"], {"jsonrpc": "2.0", "id": call["id"]}
    try:
        if call["method"] == "handshake":
            reply["result"] = {"protocol": 1, "kind": "add-on", "name": params["name"], "methods": ["url", "health"]}
        elif call["method"] == "health":
            reply["result"] = health()
        else:
            reply["result"] = url(params["id"], params["private"])
    except Exception as error:
        reply["error"] = {"code": -32000, "message": str(error)}
    print(json.dumps(reply), flush=True)
`;

const GOOD = 'return f"x://me:{secret}@h/{id}"';

describe.skipIf(!needs('python3'))('an add-on with serve', () => {
  it('is asked by one process for all apps of a release, and its script is not run', async () => {
    const { addons, app, read, home, left } = await served(
      inPython(`open("${'HOME'}/pids", "a").write(f"{os.getpid()}\\n")\n${GOOD}`),
    );
    const path = join(addons.platform.addonRoot('vault'), 'serve');
    writeFileSync(path, readFileSync(path, 'utf8').replace('HOME', home));
    for (let i = 0; i < 9; i++) app(`app${i}`, `vault;id-${i};hunter2-${i}\n`);
    const ends = await collect(addons.releaseAll());
    expect(ends.map((end) => ('outcome' in end ? end.outcome : end.error.message))).toEqual(Array(10).fill('done'));
    expect(read('app3', 'ENV')).toBe("export X_VAULT_URL='x://me:hunter2-3@h/id-3'\n");
    const pids = readFileSync(join(home, 'pids'), 'utf8').trim().split('\n');
    expect([pids.length, new Set(pids).size]).toEqual([10, 1]);
    expect(left()).toEqual([]);
    expect((await addons.executions({ app: 'app3' }))[0]).toMatchObject({
      ...{ action: 'url', exit: 0, output: 'x://me:[redacted]@h/id-3\n' },
    });
  });

  it('has the environment of a script', async () => {
    const { addons } = await served(
      inPython(
        `return "x://" + "/".join(os.environ.get(name, "-") for name in ["ADDON", "ADDON_CONFIG_REGION", "PWD", "SECRET"]).replace(os.environ["ADDON_ROOT"], "root")`,
      ),
    );
    expect(await addons.url('shop', 'vault')).toBe('x://vault/eu/root/-');
  });

  it('answers for health where it says so', async () => {
    const { addons, left } = await served(inPython(GOOD));
    const healthOf = async () => (await addons.status(undefined, { health: true })).health;
    expect(await healthOf()).toEqual([{ addon: 'vault', health: 'healthy' }]);
    writeFileSync(join(addons.platform.addonData('vault'), 'ill'), '');
    expect(await healthOf()).toEqual([
      { addon: 'vault', health: 'unhealthy', message: 'serve of vault failed to answer health: it is ill' },
    ]);
    expect(left()).toEqual([]);
  });

  it('that is not executable is as good as none', async () => {
    const { addons } = await served(inPython(GOOD));
    chmodSync(join(addons.platform.addonRoot('vault'), 'serve'), 0o644);
    expect((await failure(addons.url('shop', 'vault'))).message).toContain('the script was run');
  });

  it('may be noisy: that is told, and no error', async () => {
    const { addons, left } = await served(inPython(`print("connecting with", secret)\nprint("{}")\n${GOOD}`));
    const { events, onProgress } = listener();
    expect(await addons.url('shop', 'vault', { onProgress })).toBe('x://me:hunter2@h/id-1');
    expect(events.filter(({ type }) => type === 'warning')).toEqual([
      {
        type: 'warning',
        message: expect.stringMatching(/^serve of vault wrote 2 lines to stdout that are no answers/),
      },
    ]);
    expect(JSON.stringify(events)).not.toContain('hunter2');
    expect(left()).toEqual([]);
  });

  it('gets another process where one broke down, but not for ever', async () => {
    const { addons, app } = await served(inPython(`if id == "bad": os.kill(os.getpid(), 9)\n${GOOD}`));
    app('bad', 'vault;bad;\n');
    for (let i = 0; i < 30; i++) app(`late${10 + i}`, `vault;id-${i};\n`);
    const ends = await collect(addons.releaseAll());
    const failed = ends.flatMap((end) => ('error' in end ? [end.app] : []));
    expect(failed).toContain('bad');
    expect(failed.length).toBeLessThan(20); // those that were asked at the same moment
    for (let i = 0; i < 30; i++) app(`late${10 + i}`, 'vault;bad;\n');
    expect((await collect(addons.releaseAll())).filter((end) => 'error' in end).length).toBeGreaterThan(30);
  });

  it('is traced like a script', async () => {
    const { addons, home } = await served(
      inPython(`sys.stderr.write("traced " + os.environ.get("X_TRACE", "-") + "\\n"); sys.stderr.flush()\n${GOOD}`),
    );
    const { openSync, closeSync } = await import('node:fs');
    const trace = openSync(join(home, 'trace'), 'w');
    await addons.url('shop', 'vault', { trace });
    closeSync(trace);
    expect(readFileSync(join(home, 'trace'), 'utf8')).toBe('traced 1\n');
  });

  it('is ended when the caller is interrupted', async () => {
    const { addons, read, home, left } = await served(inPython(`open("${'HOME'}", "w")\ntime.sleep(600)`));
    const path = join(addons.platform.addonRoot('vault'), 'serve');
    const begun = join(home, 'begun');
    writeFileSync(path, readFileSync(path, 'utf8').replace('HOME', begun));
    const controller = new AbortController();
    const releasing = failure(addons.release('shop', { signal: controller.signal }));
    await expect.poll(() => existsSync(begun), { timeout: 30_000 }).toBe(true);
    controller.abort();
    expect((await releasing).code).toBe('aborted');
    expect([read('shop', 'ENV'), left()]).toEqual(['MINE=1\n', []]);
  });
});

describe.skipIf(!needs('python3'))('leaves ENV as it was, and no process, a serve that', () => {
  const HOSTILE: [string, string, string, RegExp][] = [
    [
      'ends at once',
      '#!/bin/sh\necho "no licence for hunter2" >&2\nexit 3\n',
      'script-failed',
      /serve of vault ended with exit status 3 before it was told to: no licence for \[redacted\]/,
    ],
    [
      'crashes in a call',
      inPython('os.kill(os.getpid(), 11)'),
      'script-failed',
      /serve of vault was killed by signal 11 before/,
    ],
    [
      'hangs before the handshake',
      '#!/bin/sh\nsleep 600\n',
      'script-timeout',
      /serve of vault did not answer handshake within 1 s and was ended/,
    ],
    [
      'hangs in a call',
      inPython('time.sleep(600)'),
      'script-timeout',
      /serve of vault did not answer (handshake|url) within 1 s and was ended/,
    ],
    [
      'is noise all through',
      '#!/bin/sh\nexec yes hunter2\n',
      'script-',
      /serve of vault (does not keep to the protocol: it writes without end|did not answer)/,
    ],
    ['closes its stdin', '#!/bin/sh\nexec <&-\nsleep 600\n', 'script-', /did not answer handshake|it closed its stdin/],
    [
      'is a processor',
      inPython(GOOD).replace('"add-on"', '"processor"'),
      'script-output',
      /it is no add-on, but says "processor"/,
    ],
    [
      'refuses',
      inPython('raise ValueError(f"{secret} opens nothing")'),
      'script-failed',
      /serve of vault failed to answer url: \[redacted\] opens nothing/,
    ],
    ['answers with a number', inPython('return 7'), 'script-output', /answered url for id-1 with what is no text/],
    ['answers with nothing', inPython('return ""'), 'script-output', /answered url for id-1 with nothing/],
    [
      'answers with two lines',
      inPython('return "x://h\\ny://h"'),
      'script-output',
      /answered url for id-1 with two lines/,
    ],
    ['answers with a quote', inPython('return "x://h/\'"'), 'script-output', /answered url for id-1 with a URL with/],
    [
      'answers with half a character',
      inPython('return "x://\\ud800"'),
      'script-output',
      /answered url for id-1 with what is no text/,
    ],
  ];

  it.each(HOSTILE)('%s', async (_, serve, code, message) => {
    const { addons, read, left } = await served(serve);
    const thrown = await failure(addons.release('shop', { timeout: 1 }));
    expect(thrown.code).toBe('release-failed');
    const [reason] = thrown.details.failures ?? [];
    expect(reason?.code).toMatch(new RegExp(`^${code}`));
    expect(reason?.message).toMatch(message);
    expect(reason?.message).toMatch(/^Line 1 of ADDONS \(vault\): /);
    expect(JSON.stringify([thrown, thrown.message, thrown.details, reason?.details])).not.toContain('hunter2');
    expect([read('shop', 'ENV'), left()]).toEqual(['MINE=1\n', []]);
    expect(await addons.executions({ app: 'shop' })).toMatchObject([
      { action: 'url', output: expect.not.stringContaining('hunter2') },
    ]);
  });
});
