import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeDisk } from '../../lib/state/disk.ts';
import { steppingDisk } from '../crash/stepping-disk.ts';
import { collect, failure, listener, platform, type World } from './world.ts';

/** A developer's directory with a fixture add-on, some of its files replaced. */
function source({ home }: World, files: Record<string, string> = {}, name = 'vault', at = 'sources'): string {
  const root = join(home, at, name);
  cpSync(join(import.meta.dirname, '../fixtures/add-ons/vault'), root, { recursive: true });
  return change(root, files);
}

/** Replaces files: `addon.toml` and its like by their text, scripts by their commands. */
function change(root: string, files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    const isScript = !basename(path).includes('.');
    writeFileSync(join(root, path), isScript ? `#!/bin/sh\nset -eu\n${text}\n` : text);
    if (isScript) chmodSync(join(root, path), 0o755);
  }
  return root;
}

const TOML = (version: string, config = 'region = "eu"\nverbose = false\n') =>
  `[addon]\nversion = "${version}"\n[config]\n${config}`;

/** A package of the add-on at this version. */
async function packed(world: World, version: string, files: Record<string, string> = {}): Promise<string> {
  const root = source(world, { 'addon.toml': TOML(version), ...files }, 'vault', `at-${version}`);
  const output = join(world.home, `vault-${version}.addon`);
  await world.addons.pack(root, { output });
  return output;
}

const versions = ({ addons }: World) =>
  existsSync(addons.platform.versions)
    ? readdirSync(addons.platform.versions).filter((name) => !name.startsWith('.'))
    : [];
const placeOf = ({ addons }: World, name = 'vault') => addons.platform.addonRoot(name);

describe('a package', () => {
  it('is installed under its own name, or another, and used', async () => {
    const world = platform();
    const { addons } = world;
    const file = await packed(world, '1.0.0');
    world.app('shop');
    expect(await addons.install(file)).toEqual({
      addon: 'vault',
      outcome: 'done',
      source: file,
      version: '1.0.0',
      configVar: 'X_VAULT_URL',
      steps: [],
    });
    expect(await addons.install(file, { as: 'queue' })).toMatchObject({ addon: 'queue', configVar: 'X_QUEUE_URL' });
    await addons.enable('queue');
    await addons.add('shop', 'queue');
    await addons.release('shop');
    expect(world.read('shop', 'ENV')).toContain('X_QUEUE_URL=');
    expect((await addons.check()).findings).toEqual([]);
  });

  it('is the same as the directory that it was made of', async () => {
    const world = platform();
    const file = await packed(world, '1.0.0', { '.addonignore': 'notes/\n', 'notes/a.txt': 'private' });
    await world.addons.install(file);
    expect(existsSync(join(placeOf(world), 'notes'))).toBe(false);
    expect(await world.addons.install(file)).toMatchObject({ outcome: 'unchanged' });
    expect(await world.addons.install(join(world.home, 'at-1.0.0/vault'))).toMatchObject({ outcome: 'unchanged' });
  });

  it('is described without being installed', async () => {
    const world = platform();
    const file = await packed(world, '1.0.0');
    const before = world.tree();
    expect(await world.addons.packageInfo(file)).toMatchObject({
      name: 'vault',
      version: '1.0.0',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      config: { region: 'eu', verbose: false },
    });
    expect(await world.addons.install(file, { dryRun: true })).toMatchObject({
      outcome: 'planned',
      steps: [`unpack ${file} to ${placeOf(world)}`],
    });
    expect(world.tree()).toEqual(before);
  });

  it('that is damaged leaves nothing', async () => {
    const world = platform();
    const file = await packed(world, '1.0.0');
    writeFileSync(file, readFileSync(file).subarray(0, 600));
    expect(await failure(world.addons.install(file))).toMatchObject({ code: 'malformed' });
    expect([versions(world), existsSync(placeOf(world))]).toEqual([[], false]);
  });

  it('that is no sound add-on is told by its name, and leaves nothing', async () => {
    const world = platform();
    const file = await packed(world, '1.0.0');
    const root = join(world.home, 'at-1.0.0/vault');
    writeFileSync(join(root, 'addon.toml'), '[addon]\nversoin = "1"\n');
    const error = await failure(world.addons.pack(root, { output: file }));
    expect(error.message).toContain(`${root}/addon.toml, line 2, has an unknown key in [addon]: versoin.`);
    writeFileSync(join(root, 'addon.toml'), TOML('1.0.0'));
    const spoiled = await packed(world, '2.0.0');
    expect(await failure(world.addons.install(spoiled, { as: '-x' }))).toMatchObject({ code: 'usage' });
  });
});

describe('an update', () => {
  /** vault 1 in use by an app, and a package of vault 2. */
  async function inUse() {
    const world = platform();
    await world.addons.install(await packed(world, '1.0.0'));
    await world.addons.enable('vault');
    world.app('shop');
    await world.addons.add('shop', 'vault');
    return { ...world, two: await packed(world, '2.0.0', { url: 'echo vault://two' }) };
  }

  it('needs force, and what an app has stays', async () => {
    const world = await inUse();
    const { addons, two } = world;
    expect(await failure(addons.install(two))).toMatchObject({
      code: 'conflict',
      hint: expect.stringContaining('--force'),
    });
    const { events, onProgress } = listener();
    expect(await addons.install(two, { force: true, onProgress })).toMatchObject({
      outcome: 'done',
      version: '2.0.0',
      replaced: '1.0.0',
    });
    expect(events).toEqual([{ type: 'step', message: 'Updating vault' }]);
    expect(await addons.url('shop', 'vault')).toBe('vault://two');
    expect(world.ran('vault').filter((line) => /^(enable|disable|unprovision)/.test(line))).toEqual(['enable']);
    expect((await addons.check()).findings.filter(({ kind }) => kind !== 'drift')).toEqual([]);
  });

  it('of the same content changes nothing', async () => {
    const world = await inUse();
    const before = readlinkSync(placeOf(world));
    const one = join(world.home, 'vault-1.0.0.addon');
    expect(await world.addons.install(one, { force: true })).toMatchObject({ outcome: 'unchanged' });
    expect(readlinkSync(placeOf(world))).toBe(before);
  });

  it('keeps the version before, and no more', async () => {
    const world = await inUse();
    const one = join(world.home, 'vault-1.0.0.addon');
    for (const file of [world.two, one, world.two]) await world.addons.install(file, { force: true });
    expect(versions(world)).toHaveLength(2);
    await world.addons.disable('vault', { force: true });
    await world.addons.uninstall('vault');
    expect(readdirSync(world.addons.platform.versions)).toEqual([]);
  });

  it('leaves a script that runs the version that it began with', async () => {
    const world = platform();
    const wait =
      'echo begun >"$ADDON_DATA/begun"; while [ ! -e "$ADDON_DATA/go" ]; do sleep 0.05; done; . "$ADDON_ROOT/what.sh"';
    const files = { provision: `${wait}\necho "$1-1;$what"`, 'what.sh': 'what=one\n' };
    await world.addons.install(await packed(world, '1.0.0', files));
    const two = await packed(world, '2.0.0', { ...files, 'what.sh': 'what=two\n' });
    await world.addons.enable('vault');
    world.app('shop');
    const adding = world.addons.add('shop', 'vault');
    const data = world.addons.platform.addonData('vault');
    while (!existsSync(join(data, 'begun'))) await new Promise((resolve) => setTimeout(resolve, 20));
    await world.addons.install(two, { force: true });
    writeFileSync(join(data, 'go'), '');
    await adding;
    expect(world.read('shop', 'ADDONS')).toBe('vault;shop-1;one\n');
  });

  it('of a directory that was put there by hand, or is developed, is refused', async () => {
    const world = platform();
    const file = await packed(world, '2.0.0');
    world.install('vault');
    expect(await failure(world.addons.install(file, { force: true }))).toMatchObject({
      code: 'conflict',
      hint: expect.stringContaining('by hand'),
    });
    rmSync(placeOf(world), { recursive: true });
    await world.addons.develop(source(world));
    expect(await failure(world.addons.install(file, { force: true }))).toMatchObject({
      code: 'conflict',
      hint: expect.stringContaining('developer'),
    });
  });

  it('dead at any step there is the old one or the new one, whole', async () => {
    const steps: string[] = [];
    for (let last = 1, ended = false; !ended; last++) {
      const world = platform();
      await world.addons.install(source(world, { 'addon.toml': TOML('1.0.0') }));
      const two = source(world, { 'addon.toml': TOML('2.0.0'), 'more.txt': 'more' }, 'vault', 'two');
      const disk = steppingDisk(nodeDisk, {
        before: (number, { what }) => {
          steps.push(what);
          if (number >= last) throw Object.assign(new Error('the process is dead'), { code: 'EIO' });
        },
      });
      ended = await world
        .open({ disk })
        .install(two, { force: true })
        .then(
          () => true,
          () => false,
        );
      const { version } = await world.addons.info('vault');
      expect(readdirSync(placeOf(world)).includes('more.txt')).toBe(version === '2.0.0');
      expect(['1.0.0', '2.0.0']).toContain(version);
      if (ended) expect(version).toBe('2.0.0');
      expect(await world.addons.install(two, { force: true })).toMatchObject({ addon: 'vault' });
      expect((await world.addons.info('vault')).version).toBe('2.0.0');
      expect(last).toBeLessThan(60);
    }
    expect(steps).toContain('symlink');
  });
});

describe('postinstall', () => {
  it('is run before the version is in force, in its own environment', async () => {
    const world = platform();
    const postinstall =
      'echo "$ADDON $ADDON_CONFIG_REGION $(helper)" >"$ADDON_DATA/seen"; [ ! -e "$ADDON_ROOT/../../add-ons/vault" ]';
    await world.addons.install(await packed(world, '1.0.0', { postinstall, 'bin/helper': 'echo helped' }));
    const data = world.addons.platform.addonData('vault');
    expect(readFileSync(join(data, 'seen'), 'utf8')).toBe('vault eu helped\n');
  });

  it('that fails leaves nothing of a first install, and an update as it was', async () => {
    const world = platform();
    const bad = { postinstall: 'echo half >"$ADDON_DATA/half"; echo no room >&2; exit 3' };
    const error = await failure(world.addons.install(await packed(world, '1.0.0', bad)));
    expect(error).toMatchObject({ code: 'script-failed', message: expect.stringContaining('no room') });
    const data = world.addons.platform.addonData('vault');
    expect([existsSync(placeOf(world)), versions(world), existsSync(data)]).toEqual([false, [], false]);
    expect(existsSync(world.addons.platform.addonConfig('vault'))).toBe(false);
    await world.addons.install(await packed(world, '2.0.0'));
    await failure(world.addons.install(await packed(world, '3.0.0', bad), { force: true }));
    expect((await world.addons.info('vault')).version).toBe('2.0.0');
    expect(versions(world)).toHaveLength(1);
  });
});

describe("the operator's file", () => {
  const textOf = ({ addons }: World) => readFileSync(addons.platform.addonConfig('vault'), 'utf8');

  it('is made with every value commented out, and means nothing', async () => {
    const world = platform();
    await world.addons.install(
      await packed(world, '1.0.0', { 'addon.toml': TOML('1.0.0', 'a-b = "x\\ty"\n_own = 1\nn = 2\n') }),
    );
    expect(
      textOf(world)
        .split('\n')
        .filter((line) => /=/.test(line)),
    ).toEqual(['# a-b = "x\\ty"', '# n = 2']);
    expect(statSync(world.addons.platform.addonConfig('vault')).mode & 0o777).toBe(0o600);
    expect((await world.addons.info('vault')).overridden).toEqual([]);
  });

  it('is made anew by an update where nobody edited it, else what is new lies beside it', async () => {
    const world = platform();
    const [two, three] = [
      await packed(world, '2.0.0', { 'addon.toml': TOML('2.0.0', 'region = "us"\n') }),
      await packed(world, '3.0.0'),
    ];
    await world.addons.install(await packed(world, '1.0.0'));
    await world.addons.install(two, { force: true });
    expect(textOf(world)).toContain('# region = "us"');
    const edited = textOf(world).replace('# region = "us"', 'region = "mine"');
    writeFileSync(world.addons.platform.addonConfig('vault'), edited);
    const { events, onProgress } = listener();
    await world.addons.install(three, { force: true, onProgress });
    expect(textOf(world)).toBe(edited);
    expect(readFileSync(`${world.addons.platform.addonConfig('vault')}.new`, 'utf8')).toContain('# verbose = false');
    expect(events.at(-1)).toMatchObject({ type: 'note', message: expect.stringContaining('was edited and stays') });
    expect((await world.addons.config('vault')).values).toContainEqual({
      key: 'region',
      value: 'mine',
      from: world.addons.platform.addonConfig('vault'),
    });
  });

  it('goes with the add-on where nobody edited it, or with clean; what is in /etc stays', async () => {
    const world = platform();
    const file = await packed(world, '1.0.0');
    const { platform: paths } = world.addons;
    mkdirSync(paths.provisioned, { recursive: true });
    writeFileSync(paths.addonOverrides('vault'), '[config]\nverbose = true\n');
    await world.addons.install(file);
    await world.addons.uninstall('vault');
    expect(existsSync(paths.addonConfig('vault'))).toBe(false);
    await world.addons.install(file);
    writeFileSync(paths.addonConfig('vault'), '[config]\nregion = "mine"\n');
    expect(await world.addons.uninstall('vault')).toMatchObject({ config: paths.addonConfig('vault') });
    await world.addons.install(file);
    expect((await world.addons.info('vault')).config).toEqual({ region: 'mine', verbose: true });
    expect(await world.addons.uninstall('vault', { clean: true })).not.toHaveProperty('config');
    expect([readdirSync(paths.config), existsSync(paths.addonOverrides('vault'))]).toEqual([[], true]);
  });

  it('is replaced only by what the add-on takes', async () => {
    const world = platform();
    await world.addons.install(await packed(world, '1.0.0'));
    const before = await world.addons.configText('vault');
    expect(await failure(world.addons.configure('vault', '[config]\nregoin = ""\n', before))).toMatchObject({
      code: 'malformed',
      message: expect.stringContaining('line 2, overrides regoin'),
    });
    expect(await world.addons.configure('vault', '[config]\nregion = "x"\n', before)).toMatchObject({
      outcome: 'done',
    });
    expect(await failure(world.addons.configure('vault', '', before))).toMatchObject({ code: 'conflict' });
  });
});

describe('the profile', () => {
  const PROFILES = `${TOML('1.0.0')}[profiles.big.config]\nregion = "big"\n[profiles.odd.config]\nregion = "odd"\n`;

  it('is that of the caller, else of the machine, else none', async () => {
    const world = platform();
    await world.addons.install(source(world, { 'addon.toml': PROFILES }));
    const regionOf = async (profile?: string) =>
      (await world.open({ profile }).environment('vault')).variables.ADDON_CONFIG_REGION;
    expect(await regionOf()).toBe('eu');
    const { profile } = world.addons.platform;
    mkdirSync(join(profile, '..'), { recursive: true });
    writeFileSync(profile, '# which machines\n\n  big  \nodd\n');
    expect([await regionOf(), await regionOf('odd'), await regionOf('none')]).toEqual(['big', 'odd', 'eu']);
    expect((await world.addons.config('vault')).profile).toBe('big');
    writeFileSync(profile, 'two words\n');
    expect(await failure(world.addons.environment('vault'))).toMatchObject({ code: 'malformed' });
    expect(() => world.open({ profile: '../x' })).toThrow('is not a name for a profile');
  });
});

describe('sync', () => {
  it('installs, replaces other content whatever its version, keeps the same and what is developed', async () => {
    const world = platform();
    const { provisioned } = world.addons.platform;
    expect(await collect(world.addons.sync())).toEqual([]);
    mkdirSync(provisioned, { recursive: true });
    const [one, two] = [await packed(world, '1.0.0'), await packed(world, '2.0.0')];
    const place = (file: string) => cpSync(file, join(provisioned, 'vault.addon'));
    const outcomes = async () =>
      (await collect(world.addons.sync())).map((end) => ('error' in end ? end.error : end.outcome));
    place(two);
    expect([await outcomes(), await outcomes()]).toEqual([['done'], ['unchanged']]);
    place(one);
    expect([await outcomes(), (await world.addons.info('vault')).version]).toEqual([['done'], '1.0.0']);
    await world.addons.uninstall('vault');
    const own = source(world);
    await world.addons.develop(own);
    expect([await outcomes(), realpathSync(placeOf(world))]).toEqual([['unchanged'], own]);
  });

  it('goes on after a failure', async () => {
    const world = platform();
    const { provisioned } = world.addons.platform;
    mkdirSync(provisioned, { recursive: true });
    writeFileSync(join(provisioned, 'a-broken.addon'), 'x');
    cpSync(await packed(world, '1.0.0'), join(provisioned, 'b.addon'));
    writeFileSync(join(provisioned, 'notes.txt'), '');
    expect(await collect(world.addons.sync())).toMatchObject([
      { file: join(provisioned, 'a-broken.addon'), error: { code: 'malformed' } },
      { addon: 'vault', outcome: 'done' },
    ]);
    cpSync(await packed(world, '2.0.0'), join(provisioned, 'c.addon'));
    expect(await collect(world.addons.sync())).toMatchObject([
      {},
      { addon: 'vault', error: { code: 'conflict' } },
      { addon: 'vault', error: { code: 'conflict' } },
    ]);
    expect((await world.addons.info('vault')).version).toBe('1.0.0');
  });
});

describe('develop', () => {
  it('makes the place a link: what is changed there is in force at once', async () => {
    const world = platform();
    const root = source(world);
    expect(await world.addons.develop(root)).toMatchObject({ addon: 'vault', outcome: 'done', directory: root });
    expect(await world.addons.develop(root)).toMatchObject({ outcome: 'unchanged' });
    const twin = source(world, {}, 'vault', 'twins');
    expect(await failure(world.addons.develop(twin))).toMatchObject({ code: 'conflict' });
    await world.addons.enable('vault');
    world.app('shop');
    await world.addons.add('shop', 'vault');
    change(root, { url: 'echo "vault://$ADDON_ROOT"' });
    expect(await world.addons.url('shop', 'vault')).toBe(`vault://${root}`);
    expect((await world.addons.addons()).find(({ name }) => name === 'vault')).toMatchObject({ developed: root });
    await world.addons.disable('vault', { force: true });
    await world.addons.uninstall('vault');
    expect(existsSync(join(root, 'url'))).toBe(true);
  });

  it.each<[string, Record<string, string>, string]>([
    ['is not sound', { 'addon.toml': '[addon]\nverison = "1"\n' }, 'malformed'],
    ['cannot be built', { build: 'touch half; exit 1' }, 'script-failed'],
    ['has a postinstall that fails', { postinstall: 'exit 1' }, 'script-failed'],
    ['inherits from nobody', { 'addon.toml': '[addon]\ninherits = ["none"]\n' }, 'addon-not-found'],
  ])('leaves nothing behind of what %s', async (_, files, code) => {
    const world = platform();
    const root = source(world, files);
    expect(await failure(world.addons.develop(root))).toMatchObject({ code });
    const { platform: paths } = world.addons;
    const left = [paths.addonsRoot, paths.config, join(paths.appsRoot, '.add-ons')].flatMap((path) =>
      existsSync(path) ? readdirSync(path) : [],
    );
    expect(left).toEqual([]);
  });

  it('a link that leads nowhere can be taken away, and nothing is installed over it', async () => {
    const world = platform();
    const root = source(world);
    await world.addons.develop(root);
    rmSync(root, { recursive: true });
    expect((await world.addons.check()).findings).toMatchObject([{ kind: 'dangling-link', addon: 'vault' }]);
    const file = await packed(world, '1.0.0');
    expect(await failure(world.addons.install(file, { force: true }))).toMatchObject({ code: 'conflict' });
    expect(await world.addons.uninstall('vault')).toMatchObject({ outcome: 'done' });
    expect(await world.addons.install(file)).toMatchObject({ outcome: 'done' });
  });

  it('is refused where something else is in the place', async () => {
    const world = platform();
    const root = source(world);
    await world.addons.install(root);
    expect(await failure(world.addons.develop(root))).toMatchObject({ code: 'conflict' });
    expect(await failure(world.addons.develop(join(world.home, 'none')))).toMatchObject({ code: 'addon-not-found' });
    expect(await world.addons.develop(root, { as: 'mine', dryRun: true })).toMatchObject({ outcome: 'planned' });
    expect(await world.addons.develop(root, { as: 'mine' })).toMatchObject({ addon: 'mine', outcome: 'done' });
  });

  it('watches: each change is built and examined, what is left out is not', async () => {
    const world = platform();
    const toml = `${TOML('1.0.0')}[develop]\nexclude = ["log/"]\n`;
    const root = source(world, { 'addon.toml': toml, '.addonignore': '*.tmp\n', build: 'date >built.txt' });
    const stop = new AbortController();
    const seen: { files: string[]; outcome?: string; error?: Error }[] = [];
    const next = [
      () => change(root, { 'log/x.log': 'x', 'a.tmp': 'x', 'lib/new.sh': 'x' }),
      () => change(root, { 'addon.toml': '[addon]\nverison = "1"\n' }),
      () => stop.abort(),
    ];
    for await (const end of world.addons.watch(root, { signal: stop.signal })) {
      seen.push(end);
      next.shift()?.();
    }
    expect(seen[0]).toEqual({ files: [], outcome: 'done' });
    expect(seen[1]?.files).toContain('lib/new.sh');
    expect(seen[1]?.files.filter((file) => /log|tmp|built/.test(file))).toEqual([]);
    expect(seen[2]).toMatchObject({ files: ['addon.toml'], error: { code: 'malformed' } });
  });
});

describe('its own environment', () => {
  it('is bin, lib and node_modules, its own before what it inherits', async () => {
    const world = platform();
    for (const [name, inherits] of [
      ['base', '[]'],
      ['tools', '["base"]'],
      ['vault', '["tools"]'],
    ] as const) {
      const files = {
        'addon.toml': `[addon]\ninherits = ${inherits}\n`,
        [`bin/${name}`]: `echo ${name}`,
        'bin/who': `echo ${name}`,
        'lib/x.txt': '',
        'node_modules/.bin/npm-tool': `echo ${name}`,
      };
      await world.addons.install(source(world, files, name));
    }
    const { root, variables } = await world.addons.environment('vault');
    const said = (program: string) =>
      spawnSync('/bin/sh', ['-c', program], { env: variables, encoding: 'utf8' }).stdout;
    expect(said('vault; tools; base; who; npm-tool')).toBe('vault\ntools\nbase\nvault\nvault\n');
    expect(variables.PYTHONPATH?.split(':')[0]).toBe(join(root, 'lib'));
    expect(variables.NODE_PATH?.split(':')).toHaveLength(6);
    expect(await failure(world.addons.uninstall('base'))).toMatchObject({
      code: 'in-use',
      message: expect.stringContaining('tools'),
    });
  });

  it('has no circle', async () => {
    const world = platform();
    await world.addons.install(source(world, {}, 'base'));
    await world.addons.install(source(world, { 'addon.toml': '[addon]\ninherits = ["base"]\n' }, 'tools'));
    const circle = source(world, { 'addon.toml': '[addon]\ninherits = ["tools"]\n' }, 'base', 'others');
    expect(await failure(world.addons.install(circle, { force: true }))).toMatchObject({
      code: 'malformed',
      message: 'Add-ons inherit from each other in a circle: base → tools → base.',
    });
  });
});

describe('under another name', () => {
  it.each([
    ['dump', 'cat /var/lib/x/add-ons/vault/dump'],
    ['list', 'ls "/home/x/.add-ons/vault"'],
    ['health', '[ -n "$X_VAULT_URL" ]'],
  ])('one whose %s names itself is refused', async (script, body) => {
    const world = platform();
    const root = source(world, { [script]: body });
    expect(await failure(world.addons.install(root, { as: 'queue' }))).toMatchObject({
      code: 'conflict',
      message: `vault names itself in ${script}, line 3: as queue it would not be on its own.`,
    });
    expect(await world.addons.install(root)).toMatchObject({ outcome: 'done' });
  });

  it('is packed again with its name and its values', async () => {
    const world = platform();
    const toml = `${TOML('1.0.0')}[profiles.big.config]\nregion = "big"\n`;
    await world.addons.install(source(world, { 'addon.toml': toml }), { as: 'queue' });
    const { platform: paths } = world.addons;
    writeFileSync(paths.addonConfig('queue'), '[config]\nregion = "here"\n');
    mkdirSync(paths.provisioned, { recursive: true });
    writeFileSync(paths.addonOverrides('queue'), '[profiles.small.config]\nverbose = true\n');
    const file = join(world.home, 'queue.addon');
    const effective = async (addons: World['addons'], profile?: string) =>
      (await platformOf(addons, profile).info('queue')).config;
    const platformOf = (addons: World['addons'], profile?: string) =>
      world.open({ home: join(addons.platform.libRoot, '..'), profile });
    expect(await world.addons.repack('queue', { output: file })).toMatchObject({ addon: 'queue', outcome: 'done' });
    const other = world.open({ home: join(world.home, 'other') });
    await other.install(file);
    for (const profile of [undefined, 'big', 'small']) {
      expect(await effective(other, profile)).toEqual(await effective(world.addons, profile));
    }
    expect(await other.install(file)).toMatchObject({ addon: 'queue', outcome: 'unchanged' });
  });

  it('is packed as it is where nothing is set, and a secret is told', async () => {
    const world = platform();
    const root = source(world, { 'addon.toml': TOML('1.0.0', 'password = ""\n') });
    await world.addons.install(root);
    const [one, two] = ['one', 'two'].map((name) => join(world.home, `${name}.addon`));
    await world.addons.pack(root, { output: one });
    await world.addons.repack('vault', { output: two });
    expect(readFileSync(two ?? '').equals(readFileSync(one ?? ''))).toBe(true);
    writeFileSync(world.addons.platform.addonConfig('vault'), '[config]\npassword = "hunter2"\n');
    const { events, onProgress } = listener();
    await world.addons.repack('vault', { output: two, onProgress });
    expect(events).toEqual([{ type: 'warning', message: expect.stringContaining('holds configured secrets') }]);
    expect(statSync(two ?? '').mode & 0o777).toBe(0o600);
  });
});
