import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../require.ts';
import { copyCheckout, pack, prepare } from './checkout.ts';
import { runIn, succeeds } from './npm.ts';

describe.skipIf(!needs('git', 'tar'))('a checkout', () => {
  let directory: string;
  let checkout: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'addons-checkout-'));
    checkout = await copyCheckout(directory);
    await mkdir(join(directory, 'home/apps/shop'), { recursive: true });
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  test('that is not built yet lets npm install finish', () => {
    expect(existsSync(join(checkout, 'dist'))).toBe(false);
    succeeds(runIn(directory, checkout, 'npm', ['run', 'postinstall']));
  });

  test('is prepared by npm install: npx addons:add and npx addons add work', () => {
    prepare(directory, checkout);
    succeeds(runIn(directory, checkout, 'npx', ['addons:enable', 'db']));
    expect(succeeds(runIn(directory, checkout, 'npx', ['addons:add', 'shop', 'db']))).toContain('Added db to shop');
    expect(succeeds(runIn(directory, checkout, 'npx', ['addons', 'add', 'shop', 'db']))).toContain('shop has db');
  });

  test('packs what a user needs and nothing else', () => {
    const files = packedFiles(pack(directory, checkout));
    const top = [...new Set(files.map((path) => path.split('/')[0]))].sort();
    expect(top).toEqual(
      [
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'addons',
        'dist',
        'docs',
        'examples',
        'package.json',
        'templates',
      ].sort(),
    );
    expect(files).toContain('dist/types/index.d.ts');
    expect(files).toContain('dist/THIRD-PARTY-LICENSES.txt');
    expect(files.filter((path) => /node_modules|(^|\/)\.|\.test\.|\.tgz$/.test(path))).toEqual([]);
  });

  test('packs scripts that can be run', () => {
    const scripts = execFileSync('tar', ['-tvzf', pack(directory, checkout)], { encoding: 'utf8' })
      .split('\n')
      .filter((line) =>
        /(addons\/db|inbox)\/(enable|disable|provision|unprovision|url)$|post-receive$|dist\/cli\./.test(line),
      );
    expect(scripts).toHaveLength(12);
    for (const line of scripts) expect(line).toMatch(/^-rwxr.xr.x /);
  });

  test('is right by publint', () => {
    expect(succeeds(runIn(directory, checkout, 'npx', ['publint', '--strict']))).toContain('All good!');
  });
});

const packedFiles = (tarball: string): string[] =>
  execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean)
    .map((path) => path.replace(/^package\//, ''));
