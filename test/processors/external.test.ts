import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { collect } from '../operations/world.ts';
import { needs } from '../require.ts';
import { inPython, inShell, processorWorld, UNCHANGED } from './world.ts';

describe.skipIf(!needs('python3'))('a processor that is a program', () => {
  test('gets each execution and its configuration, typed, and gives what the next one gets', async () => {
    const world = processorWorld();
    world.program(
      'first',
      inPython('execution["output"] = json.dumps(config, sort_keys=True) + "\\n"\nreturn execution'),
    );
    world.program('second', inPython('execution["output"] += "2 " + execution["action"]\nreturn execution'));
    world.settings('[processors.second]\nenabled = true\n[processors.first]\nto = "a"\nport = 25\ntls = true\n');
    expect(await world.once()).toMatchObject({ warnings: [], output: '{"port": 25, "tls": true, "to": "a"}\n' });
    world.settings('[processors.first]\nto = "a"\n[processors.second]\n');
    expect(await world.once()).toMatchObject({ warnings: [], output: '{"to": "a"}\n2 enable' });
    world.settings('[processors.first]\nforward = true\n[processors.second]\n');
    expect((await world.once()).output).toBe('hello\n2 enable');
    expect(world.left()).toEqual([]);
  });

  test('may be written in sh, and answer null for what it leaves as it is', async () => {
    const world = processorWorld();
    const seen = join(world.home, 'seen');
    world.program('note', inShell(`printf '%s\\n' "$line" >>${seen}; ${UNCHANGED}`));
    world.settings('[processors.note]\n');
    expect(await world.once('echo "x://me:hunter2@h"')).toMatchObject({
      warnings: [],
      output: 'x://me:[redacted]@h\n',
    });
    const call = JSON.parse(readFileSync(seen, 'utf8'));
    expect(call).toEqual({
      jsonrpc: '2.0',
      id: 2,
      method: 'process',
      params: {
        execution: {
          id: expect.stringMatching(/^\w{20}-1$/),
          addon: 'vault',
          action: 'enable',
          operation: expect.stringMatching(/^\w{20}$/),
          started: expect.stringMatching(/^20.*Z$/),
          finished: expect.stringMatching(/^20.*Z$/),
          exit: 0,
          signal: null,
          output: 'x://me:[redacted]@h\n',
        },
        config: {},
      },
    });
  });

  test('is told of failures, too, and of every app of a release, by one process', async () => {
    const world = processorWorld();
    const seen = join(world.home, 'seen');
    const body = `with open("${seen}", "a") as file:
    print(os.getpid(), execution.get("app"), execution["exit"], file=file)`;
    world.program('note', inPython(`${body}\nreturn None`));
    world.settings('[processors.note]\n');
    await world.enable('vault', { url: '[ "$1" != id-2 ] || exit 3; echo x://h' });
    for (let i = 0; i < 4; i++) world.app(`app${i}`, `vault;id-${i};\n`);
    writeFileSync(seen, '');
    await collect(world.addons.releaseAll());
    const lines = readFileSync(seen, 'utf8').trim().split('\n');
    expect(lines.map((line) => line.replace(/^\d+ /, '')).sort()).toEqual(['app0 0', 'app1 0', 'app2 3', 'app3 0']);
    expect(new Set(lines.map((line) => line.split(' ')[0])).size).toBe(1);
  });

  test('posts to a server: notification, monitoring, storage', async () => {
    const world = processorWorld();
    const posted: unknown[] = [];
    const server = createServer(async (request, response) => {
      const chunks = await collect(request);
      posted.push(JSON.parse(Buffer.concat(chunks).toString()));
      response.end();
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo; // it listens at a port
    const body = `import urllib.request
data = json.dumps({"text": execution["addon"] + " " + execution["action"], "exit": execution["exit"]}).encode()
urllib.request.urlopen(urllib.request.Request(config["url"], data), timeout=5).read()
return None`;
    world.program('webhook', inPython(body));
    world.settings(`[processors.webhook]\nurl = "http://127.0.0.1:${port}/"\n`);
    expect(await world.once()).toMatchObject({ warnings: [], output: 'hello\n' });
    expect(posted).toEqual([{ text: 'vault enable', exit: 0 }]);
  });

  test('has its stderr told as its log, and so what it prints that is no answer', async () => {
    const world = processorWorld();
    world.program(
      'chatty',
      inShell(`echo "it's done" >&2; echo '{"jsonrpc":"2.0","method":"x"}'; echo noise; ${UNCHANGED}`),
    );
    world.settings('[processors.chatty]\ntoken = "s3cret-token"\n');
    const seen = await world.once();
    expect(seen.output).toBe('hello\n');
    expect(seen.notes.sort()).toEqual(
      ["chatty: it's done", 'chatty: noise', 'chatty: {"jsonrpc":"2.0","method":"x"}'].sort(),
    );
    expect(seen.warnings).toEqual([expect.stringMatching(/chatty wrote 2 lines to stdout that are no answers/)]);
  });

  test('gets a small environment, and leads an addons that it calls to the same platform', async () => {
    const world = processorWorld();
    const addons = world.open({ environment: { SECRET: 'x', TZ: 'Europe/Rome', LD_PRELOAD: 'x' } });
    world.program('env', inPython('execution["output"] = json.dumps(dict(os.environ))\nreturn execution'));
    world.settings('[processors.env]\n');
    world.install('vault');
    await addons.enable('vault');
    const [{ output = '' } = {}] = await addons.executions();
    const { appsRoot, libRoot, etcRoot } = addons.platform;
    expect(JSON.parse(output)).toMatchObject({
      X_ROOT: appsRoot,
      X_LIB_ROOT: libRoot,
      X_ETC_ROOT: etcRoot,
      TZ: 'Europe/Rome',
    });
    expect(output).not.toMatch(/SECRET|LD_PRELOAD/);
  });
});

describe('where it is looked for', () => {
  const beside = (world: ReturnType<typeof processorWorld>) => {
    const directory = join(world.home, 'bin');
    mkdirSync(directory, { recursive: true });
    return directory;
  };

  test('first with the operator, then beside the command, which wins', async () => {
    const world = processorWorld();
    const directory = beside(world);
    const addons = world.open({ beside: directory });
    const answer = (text: string) => inPython(`execution["output"] = "${text}"\nreturn execution`);
    world.program('where-is-it', answer('etc'));
    world.settings('[processors.where-is-it]\n');
    world.install('vault', { enable: 'echo hello' });
    await addons.enable('vault');
    const copy = join(directory, 'addons-processor-where-is-it');
    writeFileSync(copy, answer('beside'), { mode: 0o755 });
    await addons.enable('vault', { again: true });
    chmodSync(copy, 0o644); // no program any more
    await addons.enable('vault', { again: true });
    rmSync(copy);
    symlinkSync(world.program('linked', answer('linked')), copy);
    await addons.enable('vault', { again: true });
    expect((await addons.executions()).map(({ output }) => output)).toEqual(['etc', 'beside', 'etc', 'linked']);
  });

  test('only programs that nobody else may write to are run', async () => {
    const world = processorWorld();
    const { processors } = world.addons.platform;
    const path = world.program('open', inShell(UNCHANGED), 0o775);
    world.settings('[processors.open]\n');
    expect((await world.once()).warnings).toEqual([
      `The processor open of vault failed: ${path} is not run: others may write to ${path} (mode 775). See: addons processors`,
    ]);
    chmodSync(path, 0o755);
    chmodSync(processors, 0o777);
    expect((await world.once()).warnings).toEqual([expect.stringContaining(`others may write to ${processors}`)]);
    chmodSync(processors, 0o755);
    expect((await world.once()).warnings).toEqual([]);
  });

  test('one that is not there is named with the nearest name, and the rest goes on', async () => {
    const world = processorWorld();
    world.settings('[processors.sylsog]\n[processors.files]\n');
    const seen = await world.once();
    expect(seen.warnings).toEqual([
      expect.stringMatching(
        /^The processor sylsog of vault failed: There is no such processor, .*Did you mean "syslog"\?$/,
      ),
    ]);
    expect(seen.output).toMatch(/^\[in .*\/executions\/files\/vault\.\d+T.*\.log\]\n$/);
  });

  test.each([
    ['a directory', (path: string) => mkdirSync(path), 'is no regular file'],
    ['a broken link', (path: string) => symlinkSync('/no/such/file', path), 'is a link that leads nowhere'],
    ['a file that is not executable', (path: string) => writeFileSync(path, ''), 'is not executable'],
  ])('%s is none', async (_, make, problem) => {
    const world = processorWorld();
    const path = join(world.addons.platform.processors, 'addons-processor-odd');
    make(path);
    world.settings('[processors.odd]\n');
    const seen = await world.once();
    expect(seen).toMatchObject({ warnings: [expect.stringContaining(`${path} ${problem}`)], output: 'hello\n' });
    expect((await world.addons.processors()).processors).toContainEqual({
      ...{ name: 'odd', builtIn: false, path, addons: ['vault'], problem },
    });
  });

  test('names that are none are no processors', async () => {
    const world = processorWorld();
    for (const name of ['', 'UPPER', '7up', 'a b', '..', 'a\nb']) world.program(name, inShell(UNCHANGED));
    world.program('fine-1', inShell(UNCHANGED));
    const { processors } = await world.addons.processors();
    expect(processors.filter(({ builtIn }) => !builtIn).map(({ name }) => name)).toEqual(['fine-1']);
  });
});

describe('a hostile processor cannot fail an operation, and leaves no process:', () => {
  const HOSTILE: [string, string, RegExp][] = [
    ['hangs before the handshake', '#!/bin/sh\nsleep 600\n', /did not answer handshake within 1 s and was ended/],
    ['hangs in a call', inShell('sleep 600'), /did not answer (handshake|process) within [\d.]+ s and was ended/],
    [
      'hangs with children, and ignores TERM',
      `#!/bin/sh\ntrap '' TERM\nsleep 600 & sleep 600\n`,
      /did not answer handshake/,
    ],
    [
      'ends at once',
      '#!/bin/sh\necho no licence >&2\nexit 3\n',
      /ended with exit status 3 before it was told to: no licence/,
    ],
    ['ends in a call', inShell('kill -9 $$'), /was killed by signal 9 before it was told to/],
    ['is no program', '#!/no/such/interpreter\n', /ended with exit status 12[67] before it was told to/],
    ['floods its stdout', '#!/bin/sh\nexec yes noise\n', /it writes without end what is no answer|did not answer/],
    [
      'writes a line without end',
      '#!/bin/sh\nexec tr "\\0" x </dev/zero\n',
      /it writes without end what is no answer|did not answer/,
    ],
    ['floods its stderr', '#!/bin/sh\nexec yes noise >&2\n', /did not answer handshake within 1 s/],
    [
      'writes binary data',
      '#!/bin/sh\nhead -c 3000000 /dev/urandom\nsleep 600\n',
      /it writes without end|did not answer/,
    ],
    ['closes its stdin', '#!/bin/sh\nexec <&-\nsleep 600\n', /did not answer handshake|it closed its stdin/],
    ['closes its stdout', '#!/bin/sh\nexec >&-\nsleep 600\n', /did not answer handshake within 1 s/],
    [
      'is of another version',
      inShell(UNCHANGED, answer(2, 'processor', 'bad')),
      /it speaks version 2 of the protocol, and not 1/,
    ],
    ['is something else', inShell(UNCHANGED, answer(1, 'add-on', 'bad')), /it is no processor, but says "add-on"/],
    ['forges a name', inShell(UNCHANGED, answer(1, 'processor', 'history')), /it gives itself another name: "history"/],
    ['shakes no hands', inShell(UNCHANGED, UNCHANGED), /its answer to handshake lacks protocol, kind or name/],
    [
      'answers with an error',
      inShell(`echo '{"jsonrpc":"2.0","id":'"$id"',"error":{"code":1,"message":"disk of x://a:hunter2@b full"}}'`),
      /failed to answer process: disk of x:\/\/a:\[redacted\]@b full/,
    ],
    [
      'answers with something else',
      inShell(`echo '{"jsonrpc":"2.0","id":'"$id"',"result":{"output":"mine"}}'`),
      /answered with what is not the execution that it was given/,
    ],
    [
      'answers with an execution of its own',
      inShell(`echo '{"jsonrpc":"2.0","id":'"$id"',"result":{"id":"x","output":"mine"}}'`),
      /answered with what is not the execution/,
    ],
    [
      'answers another call',
      inShell(`echo '{"jsonrpc":"2.0","id":99,"result":null}'`),
      /did not answer (handshake|process) within/,
    ],
  ];

  test.each(HOSTILE)('one that %s', async (_, text, problem) => {
    const world = processorWorld();
    world.program('bad', text);
    world.settings('[processors.bad]\ntimeout = 1\n');
    const seen = await world.once();
    expect(seen.warnings.filter((one) => one.startsWith('The processor bad of vault failed: '))).toEqual([
      expect.stringMatching(problem),
    ]);
    expect(seen.output).toBe('hello\n');
    expect(world.left()).toEqual([]);
  });

  test('one that hangs is waited for once, whatever there is to process', async () => {
    const world = processorWorld();
    world.program('bad', inShell('sleep 600'));
    world.settings('[processors.bad]\ntimeout = 1\n');
    await world.enable('vault', { url: 'echo x://h' });
    for (let i = 0; i < 3; i++) world.app(`app${i}`, 'vault;id;\n');
    expect((await collect(world.addons.releaseAll())).every((end) => 'outcome' in end)).toBe(true);
    const kept = await world.addons.executions({ addon: 'vault' });
    expect(kept).toHaveLength(4);
    expect(world.left()).toEqual([]);
  });

  test('one that tells too much is cut', async () => {
    const world = processorWorld();
    world.program('long', inPython('execution["output"] = "x" * 900000\nreturn execution'));
    world.settings('[processors.long]\n');
    const seen = await world.once();
    expect(seen.warnings).toEqual([]);
    expect(seen.output.length).toBeLessThan(10_000);
  });

  test('one that hangs is not waited for by who is interrupted', async () => {
    const world = processorWorld();
    world.program('bad', inShell('sleep 600'));
    world.settings('[processors.bad]\ntimeout = 600\n');
    world.install('vault');
    const controller = new AbortController();
    const enabling = world.addons.enable('vault', { signal: controller.signal });
    await expect.poll(() => world.left().length, { timeout: 20_000 }).toBeGreaterThan(0);
    controller.abort();
    expect(await enabling).toMatchObject({ outcome: 'done' });
    expect(world.left()).toEqual([]);
  });
});

function answer(protocol: number, kind: string, name: string): string {
  return `echo '{"jsonrpc":"2.0","id":'"$id"',"result":${JSON.stringify({ protocol, kind, name })}}'`;
}
