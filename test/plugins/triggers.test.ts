import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Progress } from '../../lib/operations/results.ts';
import { leave } from '../operations/journal.ts';
import { collect, failure, listener, platform } from '../operations/world.ts';
import { needs } from '../require.ts';
import { processesWith } from '../scripts/fixtures/place.ts';
import { writePlugin } from './plugin-files.ts';

/** A platform with a plugin that writes down every trigger it gets. */
function world() {
  const base = platform();
  const { plugins } = base.addons.platform;
  const [etc = '', lib = ''] = plugins;
  const file = join(base.home, 'told');
  const note = `echo "$PLUGIN $ADDONS_TRIGGER $* \${ADDONS_OUTCOME-asked} \${ADDONS_ERROR-} \${ADDONS_CHANGED-}" | sed 's/ *$//' >>${file}`;
  const plugin = (name: string, files: Record<string, string>, directory = etc) =>
    writePlugin(join(directory, name), files);
  return {
    ...base,
    etc,
    lib,
    note,
    plugin,
    /** One with all triggers. */
    witness: (name = 'witness', directory = etc) =>
      plugin(name, Object.fromEntries(ALL.map((trigger) => [trigger, note])), directory),
    told: () => {
      const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
      rmSync(file, { force: true });
      return lines;
    },
    left: () => processesWith('X_LIB_ROOT', base.addons.platform.libRoot),
  };
}

const VERBS = ['enable', 'disable', 'add', 'remove', 'release'];
const ALL = [
  ...VERBS.flatMap((verb) => [`pre-${verb}`, `post-${verb}`]),
  'install',
  'app-delete',
  'app-rename',
  'app-clone',
];

const failuresIn = (events: Progress[]) => events.flatMap((event) => (event.type === 'failure' ? [event.error] : []));
const warningsIn = (events: Progress[]) => events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));

describe('a trigger', () => {
  it('is run around every operation and release, and told what it was', async () => {
    const { addons, app, install, witness, told } = world();
    witness();
    install('vault');
    app('shop');
    await addons.enable('vault');
    await addons.enable('vault');
    expect(told()).toEqual([
      'witness pre-enable vault asked',
      'witness post-enable vault done',
      'witness pre-enable vault asked',
      'witness post-enable vault unchanged',
    ]);
    await addons.add('shop', 'vault');
    await addons.release('shop');
    await addons.release('shop');
    expect(told()).toEqual([
      'witness pre-add shop vault asked',
      'witness post-add shop vault done',
      'witness pre-release shop asked',
      'witness post-release shop done  X_VAULT_URL',
      'witness pre-release shop asked',
      'witness post-release shop unchanged',
    ]);
    install('vault', { unprovision: 'exit 1' });
    await failure(addons.remove('shop', 'vault'));
    expect(told()).toEqual([
      'witness pre-remove shop vault asked',
      'witness post-remove shop vault failed script-failed',
    ]);
    install('vault', { unprovision: 'exit 0' });
    await addons.disable('vault', { force: true });
    expect(told()).toEqual([
      'witness pre-disable vault asked',
      'witness pre-remove shop vault asked',
      'witness post-remove shop vault done',
      'witness post-disable vault done',
    ]);
  });

  it('is told of apps that go, are renamed and cloned, and of what is installed', async () => {
    const { addons, app, witness, told, home } = world();
    app('shop');
    await addons.enable('db');
    await addons.add('shop', 'db');
    witness();
    await addons.install('db', { as: 'queue' });
    await addons.rename('shop', 'store');
    await addons.clone('store', 'copy');
    await addons.delete('copy');
    expect(told()).toEqual([
      'witness install queue done',
      'witness app-rename shop store done',
      'witness pre-add copy db asked',
      'witness post-add copy db done',
      'witness app-clone store copy done',
      'witness pre-remove copy db asked',
      'witness post-remove copy db done',
      'witness app-delete copy done',
    ]);
    rmSync(join(home, 'lib/add-ons/queue'), { recursive: true });
    await addons.enable('redis', { dryRun: true });
    await addons.rename('store', 'shop', { dryRun: true });
    await addons.release('store', { dryRun: true });
    expect(told()).toEqual([]);
  });

  it('is told what recovery made of an operation whose process died', async () => {
    const { addons, app, enable, witness, told } = world();
    await enable('vault');
    app('shop');
    witness();
    const runs = [{ script: 'provision', out: 'id-1;x\n', status: 0 }];
    leave(addons, { kind: 'add', addon: 'vault', app: 'shop', runs });
    await addons.release('shop');
    expect(told()).toContain('witness post-add shop vault recovered');
  });

  it('is run for each app of a release of all', async () => {
    const { addons, app, enable, plugin, note, told } = world();
    await enable('vault');
    for (const name of ['a', 'b']) app(name, 'vault;id;\n');
    plugin('witness', { 'post-release': note });
    await collect(addons.releaseAll());
    expect(told().sort()).toEqual([
      'witness post-release a done  X_VAULT_URL',
      'witness post-release b done  X_VAULT_URL',
    ]);
  });

  it('of several plugins is run in the order of their names; of two of one name in /etc', async () => {
    const { addons, install, lib, witness, told } = world();
    witness('b');
    witness('a', lib);
    witness('c', lib);
    writePlugin(join(lib, 'b'), { 'pre-enable': 'exit 1' });
    install('vault');
    await addons.enable('vault');
    expect(told().map((line) => line.slice(0, 12))).toEqual([
      ...['a pre-enable', 'b pre-enable', 'c pre-enable', 'a post-enabl', 'b post-enabl', 'c post-enabl'],
    ]);
  });

  it.skipIf(!needs('python3'))('may be in any language, and gets its configuration and no secret', async () => {
    const { addons, app, home, plugin, enable } = world();
    const seen = join(home, 'seen');
    await enable('vault');
    app('shop');
    plugin('first', {
      'plugin.toml': '[plugin]\ndescription = "d"\nversion = "1"\n[plugin.config]\nto = "me"\nloud = true\n',
      'post-add': `#!/usr/bin/env python3\nimport json, os, sys\njson.dump([sys.argv[1:], dict(os.environ), os.getcwd(), sys.stdin.read()], open("${seen}", "w"))\n`,
    });
    const { id } = await addons.add('shop', 'vault');
    const [words, env, cwd, stdin] = JSON.parse(readFileSync(seen, 'utf8'));
    const { appsRoot, libRoot, etcRoot } = addons.platform;
    expect([words, cwd, stdin]).toEqual([['shop', 'vault'], join(etcRoot, 'plugins/first'), '']);
    expect(env).toMatchObject({
      ...{ PLUGIN: 'first', PLUGIN_ROOT: cwd, PLUGIN_CONFIG_TO: 'me', PLUGIN_CONFIG_LOUD: '1' },
      ...{
        ADDONS_PLATFORM: 'x',
        X_ROOT: appsRoot,
        X_LIB_ROOT: libRoot,
        X_ETC_ROOT: etcRoot,
        X_NOT_IMPLEMENTED_EXIT: '10',
      },
      ...{ ADDONS_TRIGGER: 'post-add', ADDONS_OUTCOME: 'done', ADDONS_TRIGGERS: 'post-add' },
      ADDONS_OP_ID: id?.replace('shop-', ''),
    });
    expect(env).not.toHaveProperty('NODE_ENV');
    expect(JSON.stringify(env)).not.toContain('hunter2');
  });

  it('does not run itself again, whatever it calls', async () => {
    const { addons, install, witness, told } = world();
    witness();
    install('vault');
    const nested = addons.enable('vault');
    await nested;
    told();
    // As an addons sees it that is called by a trigger.
    const { openPlatform } = await import('../../lib/open-platform.ts');
    const inner = openPlatform({
      home: join(addons.platform.libRoot, '..'),
      environment: { ADDONS_TRIGGERS: 'post-add pre-enable' },
    });
    await inner.enable('vault');
    expect(told()).toEqual(['witness post-enable vault unchanged']);
  });
});

describe('a pre- trigger that fails', () => {
  it('stops the operation before anything changed', async () => {
    const { addons, app, enable, plugin, read, ran, journal, ledger } = world();
    await enable('vault');
    app('shop', 'vault;id-1;hunter2\n');
    app('blog');
    for (const verb of VERBS) plugin('policy', { [`pre-${verb}`]: 'echo "not on a Friday" >&2; exit 3' });
    const before = [ran('vault'), await addons.executions()];
    for (const [words, call] of [
      ['add blog vault', () => addons.add('blog', 'vault')],
      ['remove shop vault', () => addons.remove('shop', 'vault')],
      ['release shop', () => addons.release('shop')],
      ['disable vault', () => addons.disable('vault', { force: true })],
      ['enable vault', () => addons.enable('vault', { again: true })],
    ] as const) {
      expect(await failure(call())).toMatchObject({
        code: 'trigger-refused',
        message: `${words} was refused: pre-${words.split(' ')[0]} of the plugin policy failed: it ended with exit status 3: not on a Friday`,
      });
    }
    expect([ran('vault'), await addons.executions()]).toEqual(before);
    expect([read('shop', 'ADDONS'), read('shop', 'ENV'), read('blog', 'ADDONS'), journal(), ledger('vault')]).toEqual([
      ...['vault;id-1;hunter2\n', '', '', [], []],
    ]);
    const log = await collect(addons.log());
    expect(log.map(({ what }) => what)).toEqual(['enable']);
  });

  it('keeps those after it from being asked, and all from being told', async () => {
    const { addons, install, plugin, witness, told } = world();
    witness('c');
    witness('a');
    plugin('b', { 'pre-enable': 'exit 1' });
    install('vault');
    await failure(addons.enable('vault'));
    expect(told()).toEqual(['a pre-enable vault asked']);
  });

  it('is not asked about what is not there', async () => {
    const { addons, witness, told, enable } = world();
    await enable('vault');
    witness();
    expect((await failure(addons.add('nosuch', 'vault'))).code).toBe('app-not-found');
    expect((await failure(addons.add('../x', 'vault'))).code).not.toBe('trigger-refused');
    expect(told()).toEqual([]);
  });
});

describe('a post- trigger that fails', () => {
  it('is reported, and what was done stays done', async () => {
    const { addons, app, enable, plugin, read, note, told } = world();
    await enable('vault');
    app('shop');
    plugin('a', { 'post-add': 'echo "the disk is full" >&2; exit 2', 'post-release': 'kill -9 $$' });
    plugin('b', { 'post-add': note });
    const { events, onProgress } = listener();
    const { outcome, id } = await addons.add('shop', 'vault', { onProgress });
    await addons.release('shop', { onProgress });
    expect(outcome).toBe('done');
    expect(read('shop', 'ADDONS')).toContain(id);
    expect(read('shop', 'ENV')).toContain('X_VAULT_URL');
    expect(failuresIn(events).map(({ code, message }) => [code, message])).toEqual([
      ['trigger-failed', 'post-add of the plugin a failed: it ended with exit status 2: the disk is full'],
      ['trigger-failed', 'post-release of the plugin a failed: it was killed by SIGKILL.'],
    ]);
    expect(told()).toEqual(['b post-add shop vault done']);
  });

  it('that hangs is killed with all it started', async () => {
    const { addons, install, plugin, left } = world();
    plugin('slow', {
      'plugin.toml': '[plugin]\ndescription = "d"\nversion = "1"\ntimeout = 0.5\n',
      'post-enable': 'trap "" TERM; sleep 600 & sleep 600',
    });
    install('vault');
    const { events, onProgress } = listener();
    expect(await addons.enable('vault', { onProgress })).toMatchObject({ outcome: 'done' });
    expect(failuresIn(events)[0]?.message).toBe(
      'post-enable of the plugin slow failed: it took too long and was killed.',
    );
    expect(left()).toEqual([]);
  });

  it('may leave a daemon, and says what it likes: that is told', async () => {
    const { addons, install, plugin, left } = world();
    plugin('chatty', {
      'plugin.toml': '[plugin]\ndescription = "d"\nversion = "1"\n[plugin.config]\ntoken = "s3cret-token"\n',
      'post-enable': 'sleep 600 & echo "one $PLUGIN_CONFIG_TOKEN"; echo two >&2',
    });
    install('vault');
    const { events, onProgress } = listener();
    await addons.enable('vault', { onProgress });
    const notes = events.flatMap((event) => (event.type === 'note' ? [event.message] : []));
    expect(notes).toEqual(['chatty: one [redacted]', 'chatty: two']);
    expect(failuresIn(events)).toEqual([]);
    for (const pid of left()) process.kill(pid, 'SIGKILL');
  });
});

describe('what is no trigger', () => {
  it.each([
    [
      'not executable',
      (path: string) => chmodSync(path, 0o644),
      /post-enable is not executable\. Run: chmod \+x .* It was passed over\.$/,
    ],
    [
      'a directory',
      (path: string) => {
        rmSync(path);
        mkdirSync(path);
      },
      /post-enable is no regular file\. It was passed over\.$/,
    ],
    [
      'a broken link',
      (path: string) => {
        rmSync(path);
        symlinkSync('/no/such', path);
      },
      /post-enable is a link that leads nowhere\. It was/,
    ],
  ])('because it is %s is passed over, with a warning', async (_, spoil, warning) => {
    const { addons, install, witness, told } = world();
    const root = witness();
    spoil(join(root, 'post-enable'));
    install('vault');
    const { events, onProgress } = listener();
    await addons.enable('vault', { onProgress });
    expect(warningsIn(events)).toEqual([expect.stringMatching(warning)]);
    expect([failuresIn(events), told()]).toEqual([[], ['witness pre-enable vault asked']]);
  });

  it.each([
    [
      'others may write to it',
      (root: string) => chmodSync(join(root, 'pre-enable'), 0o777),
      /others may write to .*pre-enable \(mode 777\)/,
    ],
    [
      'others may write to its directory',
      (root: string) => chmodSync(root, 0o777),
      /others may write to .*witness \(mode 777\)/,
    ],
    ['its plugin.toml is missing', (root: string) => rmSync(join(root, 'plugin.toml')), /plugin\.toml is missing/],
    [
      'its plugin.toml is broken',
      (root: string) => writeFileSync(join(root, 'plugin.toml'), '[plugin'),
      /plugin\.toml is not valid TOML/,
    ],
    [
      'its plugin.toml lacks a version',
      (root: string) => writeFileSync(join(root, 'plugin.toml'), '[plugin]\ndescription = "d"\n'),
      /wrong value for plugin\.version/,
    ],
    [
      'its plugin.toml has a wrong key',
      (root: string) =>
        writeFileSync(join(root, 'plugin.toml'), '[plugin]\ndescription = "d"\nversion = "1"\ntimeuot = 3\n'),
      /timeuot\. Did you mean "timeout"\?/,
    ],
  ])('because %s refuses, so that a policy never fails open', async (_, spoil, message) => {
    const { addons, install, witness, told, home } = world();
    const root = witness();
    spoil(root);
    install('vault');
    const refused = await failure(addons.enable('vault'));
    expect(refused.code).toBe('trigger-refused');
    expect(refused.message).toMatch(message);
    expect([told(), existsSync(join(home, 'apps/.add-ons/vault/enabled'))]).toEqual([[], false]);
  });

  it('a hidden directory, a file, a name with a space', async () => {
    const { addons, install, etc, plugin, told, note } = world();
    for (const name of ['.hidden', 'a b', 'x:y']) plugin(name, { 'pre-enable': note });
    writeFileSync(join(etc, 'file'), '');
    install('vault');
    await addons.enable('vault');
    expect(told()).toEqual([]);
  });
});
