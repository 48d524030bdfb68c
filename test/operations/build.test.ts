import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needs } from '../require.ts';
import { failure, listener, platform, type World } from './world.ts';

/** A developer on a machine without network, and the directory of an add-on. */
function developer(files: Record<string, string> = {}): World & { root: string } {
  const outside = { PATH: process.env.PATH, npm_config_offline: 'true', PIP_NO_INDEX: '1' };
  const world = platform();
  const home = join(world.home, 'developer');
  const root = join(home, 'vault');
  cpSync(join(import.meta.dirname, '../fixtures/add-ons/bare'), root, { recursive: true });
  for (const [name, text] of Object.entries(files)) write(root, name, text);
  return { ...world, addons: world.open({ environment: { ...outside, HOME: home } }), root };
}

function write(root: string, name: string, text: string) {
  mkdirSync(join(root, name, '..'), { recursive: true });
  writeFileSync(join(root, name), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
}

describe.skipIf(!needs('npm', 'tar'))('npm', () => {
  /** Wants `greeter`, which lies beside it as npm packs it. */
  function wanting(): World & { root: string } {
    const world = developer({
      'package.json': JSON.stringify({ name: 'vault', private: true, dependencies: { greeter: 'file:greeter.tgz' } }),
      '.addonignore': '/greeter.tgz\n',
    });
    write(world.home, 'package/package.json', JSON.stringify({ name: 'greeter', version: '1.2.3', bin: 'greet.js' }));
    write(world.home, 'package/greet.js', '#!/usr/bin/env node\nconsole.log("greeted");\n');
    spawnSync('tar', ['-czf', join(world.root, 'greeter.tgz'), '-C', world.home, 'package']);
    return world;
  }

  it('freezes, builds, and leaves alone what is built; clean takes it away', async () => {
    const { addons, root } = wanting();
    const { events, onProgress } = listener();
    expect(await addons.build(root, { dryRun: true })).toMatchObject({ outcome: 'planned', built: ['npm'] });
    expect(await addons.build(root, { onProgress })).toMatchObject({ outcome: 'done', built: ['npm'] });
    expect(events.map(({ message }) => message)).toEqual([
      'Building node_modules of vault',
      `Froze the dependencies in ${root}/package-lock.json: keep it with the sources`,
    ]);
    const frozen = readFileSync(join(root, 'package-lock.json'), 'utf8');
    expect(frozen).toContain('1.2.3');
    expect(await addons.build(root)).toMatchObject({ outcome: 'unchanged', built: [] });
    expect(await addons.clean(root)).toMatchObject({ outcome: 'done', removed: ['node_modules'] });
    expect(await addons.build(root)).toMatchObject({ outcome: 'done' });
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).toBe(frozen);
    expect((await addons.clean(root, { deps: true })).removed).toEqual(['node_modules', 'package-lock.json']);
    expect(await addons.clean(root, { deps: true })).toMatchObject({ outcome: 'unchanged' });
  });

  it('what is not built is not installed; packed, it is inside', async () => {
    const { addons, home, root } = wanting();
    expect(await failure(addons.install(root))).toMatchObject({
      code: 'malformed',
      message: `${root} declares dependencies in package.json, but has no node_modules.`,
      hint: `Build it first: addons build ${root}`,
    });
    const [one, two] = ['one.addon', 'two.addon'].map((name) => join(home, name));
    const first = await addons.pack(root, { output: one });
    await addons.clean(root);
    expect((await addons.pack(root, { output: two })).hash).toBe(first.hash);
    await addons.install(two ?? '');
    expect(existsSync(join(addons.platform.addonRoot('vault'), 'greeter.tgz'))).toBe(false);
    const { variables } = await addons.environment('vault');
    expect(spawnSync('greeter', { env: variables, shell: true, encoding: 'utf8' }).stdout).toBe('greeted\n');
  });

  it('leaves nothing half built, and tells what npm said', async () => {
    const { addons, root } = wanting();
    write(root, 'package.json', JSON.stringify({ dependencies: { 'no-such-package-of-ours': '1' } }));
    const error = await failure(addons.build(root));
    expect(error).toMatchObject({ code: 'script-failed', message: expect.stringContaining('npm failed') });
    expect(error.details.stderr).toMatch(/npm (error|ERR)/);
    expect(existsSync(join(root, 'node_modules'))).toBe(false);
    write(root, 'package.json', '{');
    expect(await failure(addons.build(root))).toMatchObject({ code: 'malformed' });
  });
});

describe.skipIf(!needs('python3', 'pip3'))('pip', () => {
  /** Two wheels, of which one needs the other. */
  function wheels(root: string) {
    const program = `
import zipfile, os, sys
os.makedirs(sys.argv[1])
for name, needs in (("greeter", "Requires-Dist: polite"), ("polite", "")):
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(f"{sys.argv[1]}/{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", f"word = '{name}'\\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n{needs}\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
`;
    const made = spawnSync('python3', ['-c', program, join(root, 'wheels')], { encoding: 'utf8' });
    expect(made.stderr).toBe('');
  }

  it('freezes what is wanted and what that needs, builds it, and finds it in its own environment', async () => {
    const { addons, root } = developer({ 'requirements.in': '--find-links wheels\ngreeter  # says hello\n' });
    wheels(root);
    expect(await addons.build(root)).toMatchObject({ outcome: 'done', built: ['pip'] });
    const frozen = readFileSync(join(root, 'requirements.txt'), 'utf8');
    expect(frozen.split('\n').slice(1, -1)).toEqual(['--find-links wheels', 'greeter==1.0', 'polite==1.0']);
    expect(await addons.build(root)).toMatchObject({ outcome: 'unchanged' });
    await addons.develop(root);
    const { variables } = await addons.environment('vault');
    const seen = spawnSync('python3', ['-c', 'import greeter, polite; print(greeter.word, polite.word)'], {
      env: variables,
      encoding: 'utf8',
    });
    expect(seen.stdout).toBe('greeter polite\n');
    expect(readdirSync(join(root, 'python_modules'))).not.toContain('__pycache__');
  });

  it('refuses what is not frozen', async () => {
    const { addons, root } = developer({ 'requirements.txt': '--find-links wheels\ngreeter\n' });
    wheels(root);
    expect(await failure(addons.build(root))).toMatchObject({
      code: 'malformed',
      message: `${root}/requirements.txt, line 2, does not say which version: greeter`,
    });
    write(root, 'requirements.txt', '--find-links wheels\ngreeter==1.0\n');
    expect(await failure(addons.build(root))).toMatchObject({
      code: 'malformed',
      message: expect.stringContaining('leaves out what pip installs: polite==1.0'),
    });
    expect(existsSync(join(root, 'python_modules'))).toBe(false);
  });
});

describe('hooks', () => {
  it('build and clean see the add-on’s own environment, and the developer’s', async () => {
    const { addons, root, home } = developer({
      'addon.toml': '[config]\nword = "hello"\n',
      'bin/tool': '#!/bin/sh\necho tooled\n',
      build: '#!/bin/sh\necho "$ADDON $ADDON_ROOT $ADDON_CONFIG_WORD $(tool) $npm_config_offline" >made\n',
      clean: '#!/bin/sh\nrm made\n',
    });
    expect(await addons.build(root)).toMatchObject({ outcome: 'done', built: ['build'] });
    expect(readFileSync(join(root, 'made'), 'utf8')).toBe(`vault ${root} hello tooled true\n`);
    await addons.clean(root);
    expect([existsSync(join(root, 'made')), existsSync(join(home, 'lib'))]).toEqual([false, false]);
  });

  it('that fail or take too long are told', async () => {
    const { addons, root } = developer({ build: '#!/bin/sh\necho no compiler >&2\nexit 2\n' });
    const error = await failure(addons.build(root));
    expect(error).toMatchObject({ code: 'script-failed', message: `build failed with exit status 2 in ${root}.` });
    expect(error.details.stderr).toBe('no compiler');
    write(root, 'addon.toml', '[timeouts]\nbuild = 0.2\n');
    write(root, 'build', '#!/bin/sh\nsleep 60\n');
    expect(await failure(addons.build(root))).toMatchObject({ code: 'script-timeout' });
    expect(await failure(addons.pack(root))).toMatchObject({ code: 'script-timeout' });
  });
});
