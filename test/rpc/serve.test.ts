import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCompanion } from '../../lib/rpc/companion.ts';
import type { serve } from '../../lib/rpc/serve.ts';

let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'serve-'));
  await build({
    entryPoints: [join(import.meta.dirname, '../../lib/rpc/serve.ts')],
    outfile: join(dir, 'serve.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
  });
  program(
    'add-on',
    `
    await serve({
      enable() { console.log('setting up'); },
      provision: ({ app, operation }) => ({ id: app + '-' + operation, private: 'hunter2' }),
      unprovision({ id }) { if (id === '..') throw new Error('".." is no id'); },
      url: ({ id, private: secret }) => 'x://me:' + secret + '@h/' + id,
      async *dump({ id }) { yield id; yield new Uint8Array([0, 255, 10]); },
      async restore({ id, input }) { let text = ''; for await (const chunk of input) text += chunk; if (text !== 'data of ' + id) throw new Error('no dump'); },
      list: async () => ['a', 'b'],
      rotate: ({ operation }) => 'new-' + operation,
      health() {},
    });`,
  );
  program(
    'addons-processor-shout',
    `
    await serve({
      process(execution, config) {
        console.log('shouting');
        if (execution.output === 'throw') throw new Error('no voice');
        if (execution.output === 'nothing') return undefined;
        return { ...execution, output: execution.output.toUpperCase() + (config.mark ?? '') };
      },
    });`,
  );
  for (const name of [
    'serve',
    'enable',
    'disable',
    'provision',
    'unprovision',
    'url',
    'dump',
    'restore',
    'list',
    'rotate',
    'health',
  ])
    symlinkSync('add-on', join(dir, name));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function program(name: string, body: string) {
  writeFileSync(join(dir, `${name}.mjs`), `import { serve } from './serve.mjs';\n${body}`);
  writeFileSync(join(dir, name), `#!${process.execPath}\nimport('${dir}/${name}.mjs');\n`);
  chmodSync(join(dir, name), 0o755);
}

const env = { PATH: '/usr/bin:/bin', ADDONS_OP_ID: 'op1' };

const run = (name: string, args: string[] = [], input = '') => {
  try {
    const stdout = execFileSync(join(dir, name), args, { env, input, stdio: ['pipe', 'pipe', 'pipe'] });
    return { status: 0, stdout: stdout.toString('latin1'), stderr: '' };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: Buffer; stderr: Buffer }; // as execFileSync says
    return { status, stdout: stdout.toString(), stderr: stderr.toString() };
  }
};

describe('serve(), called by the name of a script, is that script:', () => {
  test.each([
    ['enable', [], ''],
    ['provision', ['shop'], 'shop-op1;hunter2\n'],
    ['unprovision', ['shop-op1'], ''],
    ['url', ['shop-op1', 's'], 'x://me:s@h/shop-op1\n'],
    ['dump', ['id', ''], 'id\0\xff\n'],
    ['list', [], 'a\nb\n'],
    ['rotate', ['id', ''], 'new-op1\n'],
    ['health', [], ''],
  ])('%s', (name, args, stdout) => {
    expect(run(name, args)).toMatchObject({ status: 0, stdout });
  });

  test('restore, which reads its stdin', () => {
    expect(run('restore', ['id', ''], 'data of id')).toMatchObject({ status: 0 });
    expect(run('restore', ['id', ''], 'other')).toMatchObject({ status: 1, stdout: '', stderr: 'no dump\n' });
  });

  test('one that throws fails with what it says, and so does one that is not there', () => {
    expect(run('unprovision', ['..'])).toEqual({ status: 1, stdout: '', stderr: '".." is no id\n' });
    expect(run('disable')).toEqual({ status: 1, stdout: '', stderr: 'There is no disable here.\n' });
  });
});

describe('serve(), called otherwise, answers calls:', () => {
  const open = (kind: 'add-on' | 'processor', file: string, name: string) =>
    openCompanion(
      { kind, name, title: name, path: join(dir, file), env, cwd: dir, redact: (text) => text },
      { timeout: 30_000 },
    );
  const LIMITS = { timeout: 30_000 };

  test('of an add-on', async () => {
    const companion = await open('add-on', 'serve', 'db');
    expect(companion.methods).toEqual(['url', 'health']);
    const urls = await Promise.all(['a', 'b', 'c'].map((id) => companion.call('url', { id, private: 's' }, LIMITS)));
    expect(urls).toEqual(['x://me:s@h/a', 'x://me:s@h/b', 'x://me:s@h/c']);
    expect(await companion.call('health', {}, LIMITS)).toBeNull();
    await expect(companion.call('provision', {}, LIMITS)).rejects.toMatchObject({
      code: 'script-failed',
      message: 'db does not know provision: no provision here',
    });
    await companion.close();
    expect(companion.log()).toEqual({ text: '', beside: 0 });
  });

  test('of a processor, whose console.log is its log', async () => {
    const companion = await open('processor', 'addons-processor-shout', 'shout');
    const process = (output: string, config = {}) =>
      companion.call('process', { execution: { id: 'e', output }, config }, LIMITS);
    expect(await process('hello', { mark: '!' })).toEqual({ id: 'e', output: 'HELLO!' });
    expect(await process('nothing')).toBeNull();
    await expect(process('throw')).rejects.toThrow('shout failed to answer process: no voice');
    await companion.close();
    expect(companion.log()).toEqual({ text: 'shouting\nshouting\nshouting\n', beside: 0 });
  });

  test('and ends when its stdin does', async () => {
    const child = spawn(join(dir, 'serve'), { env, stdio: ['pipe', 'ignore', 'ignore'] });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.stdin.write('nonsense\n');
    child.stdin.end();
    expect(await ended).toBe(0);
  });
});

// `npm run types` checks that its types take what the documentation shows, and nothing less than an add-on.
void ([
  { url: ({ id, private: secret }) => `x://${secret}@h/${id}`, provision: ({ app }) => ({ id: app }) },
  { process: (execution, config) => ({ ...execution, output: String(config.mark) }) },
  // @ts-expect-error an add-on has a url
  { enable() {} },
] satisfies Parameters<typeof serve>[0][]);
