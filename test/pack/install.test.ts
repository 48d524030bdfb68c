import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { needs } from '../require.ts';
import { copyCheckout, pack, prepare } from './checkout.ts';
import { runIn, succeeds } from './npm.ts';

const MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url));

describe.skipIf(!needs('git', 'tar'))('the packed package', () => {
  let packing: string;
  let tarball: string;
  let directory: string;
  let project: string;

  beforeAll(async () => {
    packing = await mkdtemp(join(tmpdir(), 'addons-pack-'));
    const checkout = await copyCheckout(packing);
    prepare(packing, checkout);
    tarball = pack(packing, checkout);
    await rm(checkout, { recursive: true });
  });
  afterAll(() => rm(packing, { recursive: true, force: true }));

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'addons-install-'));
    project = join(directory, 'project');
    await mkdir(join(directory, 'home/apps/shop'), { recursive: true });
    await mkdir(project);
    await writeFile(join(project, 'package.json'), '{ "name": "project", "private": true, "type": "module" }\n');
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const run = (program: string, ...words: string[]) => runIn(directory, project, program, words);
  const install = (...words: string[]) => succeeds(run('npm', 'install', ...words, tarball));
  const bins = () => readdirSync(join(project, 'node_modules/.bin'));

  test('needs no other package', () => {
    install();
    expect(readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['paas-addons']);
  });

  test('gives an app a database: npx addons:add and npx addons add', () => {
    install();
    succeeds(run('npx', 'addons', 'enable', 'db'));
    expect(succeeds(run('npx', 'addons:add', 'shop', 'db'))).toContain('Added db to shop');
    expect(succeeds(run('npx', 'addons', 'add', 'shop', 'db'))).toContain('shop has db');
    expect(succeeds(run('npx', 'addons:url', 'shop', 'db'))).toMatch(/^sqlite:\/\/\//);
  });

  test('without install scripts: npx addons add works, npx addons:add does not, addons link makes it', () => {
    install('--ignore-scripts');
    succeeds(run('npx', 'addons', 'enable', 'db'));
    expect(run('npx', 'addons:add', 'shop', 'db').status).not.toBe(0);
    expect(succeeds(run('npx', 'addons', 'add', 'shop', 'db'))).toContain('Added db to shop');
    succeeds(run('npx', 'addons', 'link'));
    expect(succeeds(run('npx', 'addons:add', 'shop', 'db'))).toContain('shop has db');
  });

  test('runs from a global install, which makes no colon commands', () => {
    install('--global');
    expect(readdirSync(join(directory, 'global/bin'))).toEqual(['addons']);
    expect(succeeds(run(join(directory, 'global/bin/addons'), 'enable', 'db'))).toContain('Enabled db.');
  });

  test.skipIf(!needs('man'))('brings its manual with a global install', () => {
    install('--global');
    const man = run('man', '--manpath', join(directory, 'global/share/man'), 'addons-add');
    expect(man.stderr).toBe('');
    expect(succeeds(man)).toContain('give an app a resource of an add-on');
    succeeds(run('npm', 'uninstall', '--global', 'paas-addons'));
    expect(readdirSync(join(directory, 'global/share/man/man1'))).toEqual([]);
  });

  test('is a library for JavaScript, by import and by require', async () => {
    install();
    await writeFile(
      join(project, 'use.js'),
      `import { createRequire } from 'node:module';
       import { AddonsError, openPlatform } from 'paas-addons';
       const platform = openPlatform({ home: process.env.ADDONS_HOME });
       await platform.enable('db');
       await platform.add('shop', 'db');
       await platform.add('nowhere', 'db').catch((error) => console.log(error instanceof AddonsError, error.code));
       console.log(createRequire(import.meta.url)('paas-addons').openPlatform === openPlatform);
       console.log((await import('paas-addons/package.json', { with: { type: 'json' } })).default.name);
       await import('paas-addons/dist/index.js').catch((error) => console.log(error.code));`,
    );
    expect(
      succeeds(run(process.execPath, '--no-warnings', 'use.js'))
        .trimEnd()
        .split('\n'),
    ).toEqual(['true app-not-found', 'true', 'paas-addons', 'ERR_PACKAGE_PATH_NOT_EXPORTED']);
  });

  test.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('has types for strict TypeScript: module %s, resolution %s', async (module, resolution) => {
    install();
    await writeFile(
      join(project, 'use.ts'),
      `import { AddonsError, openPlatform, type AddResult, type Addons } from 'paas-addons';
       const platform: Addons = openPlatform({ name: 'x', home: '/tmp/x' });
       const added: AddResult = await platform.add('shop', 'db', { signal: AbortSignal.timeout(1000), timeout: 5 });
       for await (const { app, resources } of platform.listAll()) console.log(app, resources[0]?.configVar, added.id);
       export const isBusy = (error: unknown) => error instanceof AddonsError && error.code === 'busy';
       // @ts-expect-error an app is a string
       await platform.release(1);
       // @ts-expect-error codes are a closed set
       export const isOdd = (error: AddonsError) => error.code === 'odd';`,
    );
    const strict = ['--strict', '--noEmit', '--exactOptionalPropertyTypes', '--target', 'es2023', '--types', 'node'];
    const where = ['--module', module, '--moduleResolution', resolution, '--typeRoots', join(MODULES, '@types')];
    succeeds(run(process.execPath, join(MODULES, 'typescript/bin/tsc'), ...strict, ...where, 'use.ts'));
  });

  test('can be updated and taken out again: npm goes on working', () => {
    install();
    install();
    expect(bins()).toContain('addons:add');
    succeeds(run('npm', 'uninstall', 'paas-addons'));
    expect(existsSync(join(project, 'node_modules/paas-addons'))).toBe(false);
    succeeds(run('npm', 'install'));
    succeeds(run('npm', 'ls'));
    succeeds(run('npm', 'prune'));
    expect(run('npx', 'addons:list').status).not.toBe(0);
    install();
    expect(readlinkSync(join(project, 'node_modules/.bin/addons:add'))).toMatch(/paas-addons\/dist\/cli/);
    succeeds(run('npx', 'addons:list'));
  });
});
