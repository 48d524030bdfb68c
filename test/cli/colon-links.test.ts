import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { linkColonCommands, projectOf } from '../../lib/cli/colon-links.ts';
import { VERBS } from '../../lib/cli/commands.ts';
import { installedInto, postinstall } from '../../lib/cli/postinstall.ts';
import { type } from './fixtures/type.ts';

let project: string;
let root: string;
let target: string;
let bins: string;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'addons-links-'));
  root = join(project, 'node_modules/paas-addons');
  target = join(root, 'dist/cli.cjs');
  bins = join(project, 'node_modules/.bin');
  await put(target, 'cli');
  await put(join(root, 'package.json'), '{"name":"paas-addons"}');
});
afterEach(() => rm(project, { recursive: true, force: true }));

const put = async (path: string, text: string) => {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
};
const linked = () => readFileSync(join(bins, 'addons:add'), 'utf8');

test('every verb becomes a command with a colon', () => {
  expect(linkColonCommands({ project, target })).toMatchObject({ outcome: 'done', skipped: [], removed: [] });
  expect(readdirSync(bins).sort()).toEqual(VERBS.map((verb) => `addons:${verb}`).sort());
  expect(linked()).toBe('cli');
});

test('again: nothing to do', () => {
  linkColonCommands({ project, target });
  expect(linkColonCommands({ project, target })).toMatchObject({ outcome: 'unchanged', created: [] });
});

test('links stay right when the project moves', async () => {
  linkColonCommands({ project, target });
  const moved = `${project}-moved`;
  await rename(project, moved);
  project = moved;
  bins = join(project, 'node_modules/.bin');
  expect(linked()).toBe('cli');
});

test('a dry run changes nothing', () => {
  expect(linkColonCommands({ project, target, dryRun: true })).toMatchObject({ outcome: 'planned' });
  expect(readdirSync(join(project, 'node_modules'))).toEqual(['paas-addons']);
});

describe('what lies there already', () => {
  test('our own links to another or a vanished copy are replaced; those of verbs that are no more go', async () => {
    await mkdir(bins, { recursive: true });
    await symlink('/gone/paas-addons/dist/cli.cjs', join(bins, 'addons:add'));
    await cp(root, join(project, 'other'), { recursive: true });
    await symlink('../../other/dist/cli.cjs', join(bins, 'addons:list'));
    await symlink('../paas-addons/dist/cli.cjs', join(bins, 'addons:old'));
    const result = linkColonCommands({ project, target });
    expect(result).toMatchObject({ skipped: [], removed: ['addons:old'] });
    expect(readlinkSync(join(bins, 'addons:list'))).toBe('../paas-addons/dist/cli.cjs');
    expect(linked()).toBe('cli');
  });

  test("a stranger's file or link is left", async () => {
    await put(join(bins, 'addons:add'), 'stranger');
    await put(join(project, 'node_modules/addons/dist/cli.cjs'), 'stranger');
    await put(join(project, 'node_modules/addons/package.json'), '{"name":"addons"}');
    await symlink('../addons/dist/cli.cjs', join(bins, 'addons:list'));
    await symlink('../addons/dist/cli.cjs', join(bins, 'addons:theirs'));
    const result = linkColonCommands({ project, target });
    expect(result).toMatchObject({ skipped: ['addons:list', 'addons:add'], removed: [] });
    expect(linked()).toBe('stranger');
    expect(lstatSync(join(bins, 'addons:theirs')).isSymbolicLink()).toBe(true);
  });
});

describe('addons link', () => {
  test('links the project around the current directory', async () => {
    await put(join(project, 'package.json'), '{}');
    await mkdir(join(project, 'src/deep'), { recursive: true });
    expect(projectOf(join(project, 'src/deep'))).toBe(project);
    const seen = await type(['link'], { cwd: join(project, 'src/deep'), root });
    expect(seen).toMatchObject({ status: 0, stderr: '' });
    expect(seen.stdout).toBe(`Linked ${VERBS.length} commands in ${bins}: try npx addons:list\n`);
    expect((await type(['link', project], { root })).stdout).toContain('are there');
    expect((await type(['link', project, '--quiet'], { root })).stdout).toBe('');
    expect(linked()).toBe('cli');
  });

  test('refuses a directory that is no project', async () => {
    const seen = await type(['link', join(root, 'dist')], { root });
    expect(seen.status).toBe(2);
    expect(seen.stderr).toContain('neither package.json nor node_modules');
  });

  test("tells of a stranger's file", async () => {
    await put(join(bins, 'addons:add'), 'stranger');
    expect((await type(['link', project], { root })).stderr).toContain("addons:add is somebody else's");
  });
});

describe('after npm installed the package', () => {
  test.each([
    ['into a project', {}, true],
    ['globally', { npm_config_global: 'true' }, false],
  ])('%s', (_, env, links) => {
    postinstall(root, env, (line) => expect.unreachable(line));
    expect(readdirSync(join(project, 'node_modules')).includes('.bin')).toBe(links);
  });

  test('a store that is linked into the project: the project gets the links', async () => {
    const store = join(project, 'node_modules/.pnpm/paas-addons@1/node_modules/paas-addons');
    await mkdir(dirname(store), { recursive: true });
    await rename(root, store);
    await symlink(store, root);
    expect(installedInto(store, { INIT_CWD: project })).toBe(project);
    postinstall(store, { INIT_CWD: project }, (line) => expect.unreachable(line));
    expect(linked()).toBe('cli');
  });

  test('a checkout is no project', () => {
    expect(installedInto('/src/paas-addons', { INIT_CWD: '/src/paas-addons' })).toBeUndefined();
  });

  test('what goes wrong is one line, never a failed install', async () => {
    await put(bins, 'not a directory');
    const lines: string[] = [];
    postinstall(root, {}, (line) => lines.push(line));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^paas-addons: .*\n$/);
  });
});
