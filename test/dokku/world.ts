import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// A Dokku host made of stand-ins, with the built plugin in it: npm run build:dokku.

const BED = join(import.meta.dirname, 'bed');
const BUILT = join(import.meta.dirname, '../../dist/dokku-addons.tgz');
const FIXTURES = join(import.meta.dirname, '../fixtures/add-ons');

export interface DokkuWorld {
  root: string;
  libRoot: string;
  /** The installed plugin. */
  plugin: string;
  env: Record<string, string>;
  /** `dokku WORDS…` */
  dokku(words: readonly string[], more?: Record<string, string>, stdin?: string): Ran;
  /** As `dokku`, for what must succeed. */
  done(words: readonly string[], more?: Record<string, string>, stdin?: string): Ran;
  trigger(name: string, args: readonly string[], more?: Record<string, string>): Ran;
  /** A new app, of a name that none had before. */
  app(): string;
  /** The plugin's file for a trigger alone, before one that passes stdin on. */
  plain(name: string, args: readonly string[], stdin?: string): Ran;
  /** What the app was last started with. */
  started(app: string): Record<string, string>;
  /** What Dokku's configuration says of the app. */
  config(app: string): Record<string, string>;
  setConfig(app: string, key: string, value: string): void;
  /** The lines of its ADDONS. */
  lines(app: string): string[];
  /** Where the app's ADDONS lies. */
  directory(app: string): string;
  /** Ids that the fixture add-on has made and not destroyed. */
  resources(addon?: string): string[];
  /** Names of the triggers that were run, with their arguments, since the last time. */
  triggered(): string[];
  /** Deployed: the app is restarted when its config changes. */
  deploy(app: string, files?: Record<string, string>): Ran;
  /** The user may use these apps only. */
  allow(user: string, apps: readonly string[]): void;
  /** As if Dokku had lost the app. */
  forget(app: string): void;
  /** One more fixture add-on under this name. */
  install(name: string): void;
  /** Replaces a script of an add-on. */
  script(addon: string, name: string, body: string): void;
  /** The fixture's own script again. */
  restoreScript(addon: string, name: string): void;
  isExecutable(file: string): boolean;
  /** A file of the installed plugin. */
  file(name: string): string;
  /** Names in a directory of it. */
  files(directory: string): string[];
  /** A bash program of another plugin. */
  bash(program: string): Ran;
  /** Files below `$ADDON_DATA` of the add-on. */
  data(addon: string, ...path: string[]): string;
  remove(): void;
}

export interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** `fixtures`: whether the fixture add-ons are installed. */
export function makeDokku({ old = false, fixtures = true } = {}): DokkuWorld {
  const home = mkdtempSync(join(tmpdir(), 'dokku-'));
  const [root, libRoot, etcRoot] = [join(home, 'home'), join(home, 'lib'), join(home, 'etc')];
  const log = join(home, 'triggers');
  const plugins = join(libRoot, 'plugins');
  const core = join(libRoot, 'core-plugins');
  for (const path of [root, join(plugins, 'available'), join(plugins, 'enabled'), join(libRoot, 'services'), etcRoot])
    mkdirSync(path, { recursive: true });
  const plugin = join(plugins, 'available', 'addons');
  mkdirSync(plugin);
  must(spawnSync('tar', ['xzf', BUILT, '-C', plugin], { encoding: 'utf8' }));
  writeFileSync(join(plugin, '.node'), `${process.execPath}\n`);
  must(
    spawnSync(process.execPath, ['-e', 'require(process.argv[1]).store()', join(plugin, 'cli.cjs')], {
      encoding: 'utf8',
    }),
  );
  cpSync(join(BED, 'core'), join(core, 'available'), { recursive: true });
  if (!old) for (const name of readdirSync(join(core, 'available'))) enable(join(core, 'available', name));
  enable(plugin);
  const env = {
    PATH: `${BED}:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: home,
    DOKKU_ROOT: root,
    DOKKU_LIB_ROOT: libRoot,
    DOKKU_ETC_ROOT: etcRoot,
    PLUGN_LOG: log,
  };

  function enable(path: string) {
    symlinkSync(path, join(plugins, 'enabled', path.split('/').at(-1) ?? ''));
  }

  const inside = {
    PLUGIN_PATH: plugins,
    PLUGIN_ENABLED_PATH: join(plugins, 'enabled'),
    PLUGIN_AVAILABLE_PATH: join(plugins, 'available'),
    ...(!old && { PLUGIN_CORE_AVAILABLE_PATH: join(core, 'available') }),
    DOKKU_NOT_IMPLEMENTED_EXIT: '10',
  };
  let apps = 0;
  const run = (program: string, words: readonly string[], more: Record<string, string> = {}, input = ''): Ran => {
    const { status, stdout, stderr } = spawnSync(program, words, {
      env: { ...env, ...more },
      encoding: 'utf8',
      cwd: '/',
      input,
    });
    return { status, stdout, stderr };
  };
  const world: DokkuWorld = {
    root,
    libRoot,
    plugin,
    env,
    dokku: (words, more, stdin) => run('dokku', words, more, stdin),
    done: (words, more, stdin) => must(run('dokku', words, more, stdin), words),
    trigger: (name, args, more) => run('plugn', ['trigger', name, ...args], { ...inside, ...more }),
    bash: (program) => run('bash', ['-c', program], inside),
    allow(user, names) {
      mkdirSync(join(root, '.users'), { recursive: true });
      writeFileSync(join(root, '.users', user), names.map((name) => `${name}\n`).join(''));
    },
    forget: (app) => rmSync(join(root, app), { recursive: true }),
    install: (name) => cpSync(join(FIXTURES, 'vault'), join(libRoot, 'add-ons', name), { recursive: true }),
    script(addon, name, body) {
      const path = join(libRoot, 'add-ons', addon, name);
      rmSync(path, { force: true });
      writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    },
    restoreScript: (addon, name) => cpSync(join(FIXTURES, 'vault', name), join(libRoot, 'add-ons', addon, name)),
    isExecutable: (file) => (statSync(join(plugin, file)).mode & 0o111) !== 0,
    file: (name) => readFileSync(join(plugin, name), 'utf8'),
    files: (directory) => readdirSync(join(plugin, directory)).sort(),
    app() {
      const name = `app${++apps}`;
      world.done(['apps:create', name]);
      return name;
    },
    plain: (name, args, stdin = '') => {
      const program = '"$0" "$@" && cat';
      return run('bash', ['-c', program, join(plugin, name), ...args], inside, stdin);
    },
    config: (app) => variablesIn(join(libRoot, 'config', app, 'ENV')),
    started: (app) => variablesIn(join(root, app, 'DEPLOYED')),
    setConfig(app, key, value) {
      mkdirSync(join(libRoot, 'config', app), { recursive: true });
      const lines = Object.entries({ ...world.config(app), [key]: value }).map(([one, is]) => `${one}='${is}'\n`);
      writeFileSync(join(libRoot, 'config', app, 'ENV'), lines.join(''));
    },
    directory: (app) => join(libRoot, 'data', 'addons', app),
    lines(app) {
      const path = join(world.directory(app), 'ADDONS');
      return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
    },
    data: (addon, ...path) => join(libRoot, 'services', 'add-ons', addon, ...path),
    resources(addon = 'vault') {
      const ledger = world.data(addon, 'ledger');
      return existsSync(ledger) ? readdirSync(ledger).sort() : [];
    },
    triggered() {
      const names = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').filter(Boolean) : [];
      rmSync(log, { force: true });
      return names;
    },
    deploy(app, files = {}) {
      const directory = mkdtempSync(join(home, 'work-'));
      for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
      return world.dokku(['deploy', app, directory]);
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
  mkdirSync(join(libRoot, 'add-ons'), { recursive: true });
  for (const name of fixtures ? readdirSync(FIXTURES) : [])
    cpSync(join(FIXTURES, name), join(libRoot, 'add-ons', name), { recursive: true });
  chmodSync(home, 0o755);
  return world;
}

function variablesIn(path: string): Record<string, string> {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').filter(Boolean) : [];
  return Object.fromEntries(
    lines.map((line) => {
      const [, key = '', value = ''] = /^(\w+)='(.*)'$/.exec(line) ?? [];
      return [key, value];
    }),
  );
}

function must<T extends Ran | SpawnSyncReturns<string>>(ran: T, words: readonly string[] = []): T {
  if (ran.status !== 0) throw new Error(`${words.join(' ')}: ${ran.status}\n${ran.stdout}${ran.stderr}`);
  return ran;
}
