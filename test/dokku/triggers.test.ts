import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DokkuWorld, makeDokku } from './world.ts';

let world: DokkuWorld;
let app: string;
beforeAll(() => {
  world = makeDokku();
  world.done(['addons:enable', 'vault', 'bare']);
});
beforeEach(() => {
  app = world.app();
  world.triggered();
});
afterAll(() => world.remove());

const idOf = (name: string) => world.lines(name)[0]?.split(';')[1] ?? '';

const ALL = [
  ['post-extract', (app: string) => [app, '/nowhere', 'HEAD']],
  ['builder-release', (app: string) => ['herokuish', app, 'latest']],
  ['scheduler-deploy', (app: string) => ['docker-local', app, 'latest']],
  ['pre-start', (app: string) => [app]],
  ['post-delete', (app: string) => [app, 'latest']],
  ['post-app-rename-setup', (app: string) => [app, 'other']],
  ['post-app-clone', (app: string) => [app, 'other']],
  ['post-create', (app: string) => [app]],
  ['report', (app: string) => [app]],
  ['pre-release', (app: string) => [app]],
  ['pre-delete', (app: string) => [app, 'latest']],
] as const;

describe('for an app without add-ons', () => {
  it.each(ALL)('%s is over before any Node is started', (name, args) => {
    const node = join(world.root, 'started');
    const recorded = world.file('.node');
    writeFileSync(node, `#!/bin/sh\ntrue >${node}.yes\nexit 1\n`, { mode: 0o755 });
    writeFileSync(join(world.plugin, '.node'), `${node}\n`);
    const ran = world.plain(name, args(app));
    writeFileSync(join(world.plugin, '.node'), recorded);
    expect([ran.status, ran.stdout, ran.stderr, existsSync(`${node}.yes`)]).toEqual([0, '', '', false]);
  });

  it('every trigger file is executable', () => {
    expect(world.trigger('post-extract', [app, '/nowhere', 'HEAD']).stderr).toBe('');
    const files = world
      .files('.')
      .filter((name) => !/\.(toml|txt|cjs|js|cache)$|^(LICENSE|add-ons|packages|subcommands|\..*)$/.test(name));
    expect(files).toEqual(expect.arrayContaining(ALL.map(([name]) => name)));
    expect(files.filter((name) => !world.isExecutable(name))).toEqual([]);
  });
});

describe.each([
  ['builder-release', (app: string) => ['herokuish', app, 'latest']],
  ['scheduler-deploy', (app: string) => ['docker-local', app, 'latest', 'web']],
  ['pre-start', (app: string) => [app]],
  ['post-extract', (app: string) => [app, '/nowhere', 'HEAD']],
] as const)('%s', (name, args) => {
  it('sets what changed, restarts nothing, and leaves stdin to the others', () => {
    world.done(['addons:add', app, 'bare', '--no-restart']);
    world.setConfig(app, 'DOKKU_BARE_URL', 'bare://stale');
    world.triggered();
    const ran = world.plain(name, args(app), 'for the next plugin');
    expect([ran.status, ran.stdout, ran.stderr]).toEqual([0, 'for the next plugin', '-----> Setting DOKKU_BARE_URL\n']);
    expect(world.config(app).DOKKU_BARE_URL).toBe(`bare://${idOf(app)}`);
    expect(world.triggered().some((line) => line.startsWith('app-restart'))).toBe(false);
    expect(world.plain(name, args(app))).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  it('fails, and with it the deploy, where a URL cannot be had', () => {
    world.done(['addons:add', app, 'bare', '--no-restart']);
    world.script('bare', 'url', 'echo "the server is on fire" >&2; exit 1');
    const ran = world.plain(name, args(app));
    world.script('bare', 'url', 'echo "bare://$1"');
    expect([ran.status, ran.stderr]).toEqual([1, expect.stringContaining('the server is on fire')]);
    expect(world.config(app).DOKKU_BARE_URL).toBe(`bare://${idOf(app)}`);
  });
});

describe("an app's app.json", () => {
  const deploy = (addons: unknown, more = {}) => world.deploy(app, { 'app.json': JSON.stringify({ addons, ...more }) });

  it('gets it what it names, at its first deploy, before it starts', () => {
    const { status, stderr } = deploy(['vault', { plan: 'bare:mini', as: 'CACHE' }]);
    expect([status, stderr]).toEqual([0, expect.stringContaining('Plans and options are not used here: bare:mini.')]);
    const { DOKKU_VAULT_URL, DOKKU_BARE_URL, CACHE_URL } = world.started(app);
    expect([DOKKU_VAULT_URL, CACHE_URL]).toEqual([expect.stringMatching(/^vault:/), DOKKU_BARE_URL]);
    const lines = world.lines(app);
    expect(deploy(['vault', { plan: 'bare:mini', as: 'CACHE' }]).status).toBe(0);
    expect(world.lines(app)).toEqual(lines);
  });

  it('takes nothing from the app', () => {
    world.done(['addons:add', app, 'vault', '--no-restart']);
    expect(deploy(['bare']).status).toBe(0);
    expect(world.lines(app).map((line) => line.split(';')[0])).toEqual(['vault', 'bare']);
  });

  it('that names what there is not fails the deploy, and says what there is', () => {
    const { status, stderr } = deploy(['vault', 'valut']);
    expect(status).toBe(3);
    expect(stderr).toContain('There is no add-on "valut"');
    expect(stderr).toMatch(/There are: .*bare, .*vault/);
    expect([world.lines(app), world.config(app)]).toEqual([[], {}]);
  });

  it('does not start a server on the host: that is for who administers it', () => {
    const { status, stderr } = deploy(['redis']);
    expect([status, stderr]).toEqual([4, expect.stringContaining('app.json asks for redis, which is not enabled')]);
    expect(stderr).toContain('enables it: dokku addons:enable redis');
    expect([world.lines(app), existsSync(world.data('redis'))]).toEqual([[], false]);
  });

  it.each([
    ['no JSON', '{"addons": ['],
    ['no list of names', '{"addons": [17]}'],
  ])('that is %s fails the deploy with the place', (_, text) => {
    const { status, stderr } = world.deploy(app, { 'app.json': text });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/app\.json/)]);
    expect(world.lines(app)).toEqual([]);
  });

  it('without addons is nothing to us', () => {
    expect(world.deploy(app, { 'app.json': '{"name": "shop"}' }).status).toBe(0);
    expect(world.lines(app)).toEqual([]);
  });

  it('is read where Dokku has put it, wherever it lies in the repository', () => {
    const kept = join(world.libRoot, 'data', 'app-json', app);
    mkdirSync(kept, { recursive: true });
    writeFileSync(join(kept, 'app.json.77'), '{"addons": ["bare"]}');
    const ran = world.trigger('post-extract', [app, '/nowhere', 'HEAD'], { DOKKU_PID: '77' });
    expect([ran.status, world.lines(app).length]).toEqual([0, 1]);
  });
});

describe('apps:destroy', () => {
  it('destroys what the app had, and leaves nothing', () => {
    world.done(['addons:add', app, 'vault', 'bare', '--no-restart']);
    const id = idOf(app);
    world.done(['apps:destroy', app]);
    expect([world.resources().includes(id), existsSync(world.directory(app)), world.config(app)]).toEqual([
      false,
      false,
      {},
    ]);
    expect(world.done(['addons:check']).stderr).toBe('');
  });

  it('goes on without us where something cannot be destroyed; a new app of that name gets none of it', () => {
    world.done(['addons:add', app, 'vault', '--no-restart']);
    const id = idOf(app);
    world.script('vault', 'unprovision', 'echo "the server is on fire" >&2; exit 1');
    const { status, stderr } = world.dokku(['apps:destroy', app]);
    expect([status, stderr]).toEqual([0, expect.stringContaining('the server is on fire')]);
    expect(stderr).toContain('it is removed by: dokku addons:check --fix');
    // The plugins behind ours have had their turn.
    expect(world.config(app)).toEqual({});
    expect(world.dokku(['addons:check']).stderr).toContain(`Dokku destroyed ${app}, and something that it had is left`);

    world.done(['apps:create', app]);
    expect(world.dokku(['addons:add', app, 'vault']).status).not.toBe(0);
    expect([world.resources().includes(id), world.config(app)]).toEqual([true, {}]);
    world.restoreScript('vault', 'unprovision');
    world.done(['addons:add', app, 'vault', '--no-restart']);
    expect([world.resources().includes(id), idOf(app) === id, world.lines(app).length]).toEqual([false, false, 1]);
  });

  it('that died half-way is finished by addons:check --fix', () => {
    world.done(['addons:add', app, 'vault', '--no-restart']);
    const id = idOf(app);
    world.script('vault', 'unprovision', KILL_MANAGER);
    expect(world.dokku(['apps:destroy', app]).status).not.toBe(0);
    world.restoreScript('vault', 'unprovision');
    expect([world.resources().includes(id), existsSync(world.directory(app))]).toEqual([true, true]);
    world.done(['addons:check', '--fix']);
    expect([world.resources().includes(id), existsSync(world.directory(app))]).toEqual([false, false]);
  });
});

describe('apps:rename', () => {
  it('loses nothing: the same resources, under the new name', () => {
    world.done(['addons:add', app, 'vault', '--env', 'DATABASE_URL', '--no-restart']);
    const [lines, config, name] = [world.lines(app), world.config(app), `${app}-new`];
    world.done(['apps:rename', app, name]);
    expect([world.lines(name), world.config(name)]).toEqual([lines, config]);
    expect([existsSync(world.directory(app)), world.resources().includes(idOf(name))]).toEqual([false, true]);
    expect(world.done(['addons:check']).stderr).toBe('');
    expect(world.plain('post-app-rename-setup', [app, name]).status).toBe(0); // again
    expect(world.lines(name)).toEqual(lines);
  });

  it('moves the lines where the new app has a directory already', () => {
    world.done(['addons:add', app, 'vault', '--no-restart']);
    const other = world.app();
    world.done(['addons:add', other, 'bare', '--no-restart']);
    const lines = world.lines(app);
    expect(world.plain('post-app-rename-setup', [app, other]).status).toBe(0);
    expect(world.lines(other)).toEqual(expect.arrayContaining(lines));
    expect(existsSync(world.directory(app))).toBe(false);
  });

  it('that died before our turn is told by addons:check, with the way on', () => {
    world.done(['addons:add', app, 'bare', '--no-restart']);
    const [lines, name] = [world.lines(app), `${app}-new`];
    world.forget(app);
    world.done(['apps:create', name]);
    expect(world.done(['addons:check']).stderr).toContain(`dokku plugin:trigger post-app-rename-setup ${app} NEW`);
    expect(world.trigger('post-app-rename-setup', [app, name]).status).toBe(0);
    expect([world.lines(name), world.done(['addons:check']).stderr]).toEqual([lines, '']);
  });
});

describe('apps:clone', () => {
  it('gives the clone resources of its own, and starts it with them', () => {
    world.done(['addons:add', app, 'vault', '--env', 'DATABASE_URL', '--no-restart']);
    expect(world.deploy(app).status).toBe(0);
    const [before, id, name] = [world.config(app), idOf(app), `${app}-new`];
    world.done(['apps:clone', app, name]);
    expect([world.config(app), idOf(app), idOf(name) === id]).toEqual([before, id, false]);
    expect(world.resources()).toEqual(expect.arrayContaining([id, idOf(name)]));
    const started = world.started(name);
    expect(started.DATABASE_URL).toBe(started.DOKKU_VAULT_URL);
    expect(JSON.stringify(started)).not.toContain(id);
  });

  it('that fails or dies half-way never leads the clone to the old resources, and can go on', () => {
    world.done(['addons:add', app, 'vault', '--no-restart']);
    const [id, name] = [idOf(app), `${app}-new`];
    world.script('vault', 'provision', KILL_MANAGER);
    expect(world.dokku(['apps:clone', app, name]).status).not.toBe(0);
    world.restoreScript('vault', 'provision');
    expect([JSON.stringify(world.config(name)).includes(id), world.resources().includes(id)]).toEqual([false, true]);
    const before = world.resources().length;
    expect(world.trigger('post-app-clone', [app, name]).status).toBe(0);
    expect([world.resources().length, world.lines(name).length]).toEqual([before + 1, 1]);
    expect(world.config(name).DOKKU_VAULT_URL).toContain(idOf(name));
  });
});

it('post-create tells where a backup was put back before its app was made', () => {
  const name = `${app}-back`;
  mkdirSync(world.directory(name), { recursive: true });
  writeFileSync(join(world.directory(name), 'ADDONS'), 'bare;from-the-backup;\n', { mode: 0o600 });
  const { stderr } = world.done(['apps:create', name]);
  expect(stderr).toContain(`The new app ${name} has add-ons that were recorded before it was made`);
  expect(world.lines(name)).toHaveLength(1);
});

/** The script's wrapper is a child of the plugin's program. */
const KILL_MANAGER = `kill -9 "$(awk '{ print $4 }' /proc/$PPID/stat)"; sleep 0.2; exit 1`;
