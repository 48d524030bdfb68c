import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPlatform } from '../../lib/open-platform.ts';
import type { Addons } from '../../lib/operations/results.ts';
import { loadAddon } from '../../lib/scripts/addon.ts';
import { SCRIPT_PATH } from '../../lib/scripts/environment.ts';
import { send } from '../../lib/scripts/processes.ts';
import { commandLine, ownProgram } from '../../lib/services/own-program.ts';
import { processesBelow, readDirectory, remainsOf, usersOf } from './remains.ts';

export type Settings = Record<string, string | number | boolean>;

/** A platform whose apps are to have one server add-on. */
export interface ServerWorld {
  home: string;
  /** `$ADDON_DATA` of the add-on below. */
  data: string;
  /** Name of the add-on that the calls below are about when they are told no other. */
  addon: string;
  addons: Addons;
  /** `DOCKER_HOST` of the scripts; one where nothing answers unless the world was given an engine. */
  dockerHost: string;
  /** Adds settings to those in `/etc/x/add-ons.d/NAME.toml`. */
  configure(settings: Settings, addon?: string): void;
  /** What is configured for the add-on. */
  settings(addon?: string): Settings;
  /** Makes the app with its resource, released; gives the URL in its ENV. */
  app(name: string, addon?: string): Promise<string>;
  /** Deletes all apps with what they have. */
  deleteApps(): Promise<void>;
  /** The URL in ENV after a release. */
  release(app: string, addon?: string): Promise<string>;
  /** The URL as it stands in ENV. */
  inEnv(app: string, addon?: string): Promise<string>;
  idOf(app: string, addon?: string): Promise<string>;
  privateOf(app: string, addon?: string): string;
  dump(app: string, addon?: string): Promise<string>;
  /** A new file with this content. */
  file(content: string | Buffer): string;
  /** A script's whole environment, as the library gives it. */
  environment(operation: string, addon?: string): Record<string, string>;
  /** Starts a script as the library does, but by hand, to kill it or to look at it. */
  start(script: string, args: string[], operation: string, addon?: string): Run;
  run(script: string, args: string[], operation: string, addon?: string): Promise<Ended>;
  /** What `list` names, sorted. */
  ids(addon?: string): Promise<string[]>;
  /** Directories of the servers that the add-on runs. */
  servers(addon?: string): string[];
  containers(addon?: string): string[];
  docker(...args: string[]): string;
  /** All processes, containers, users and files that the add-on has now. */
  remains(addon?: string): string[];
  /** Ends and deletes everything by force, whatever became of it. */
  close(): void;
}

export interface Run {
  pid: number;
  ended: Promise<Ended>;
}

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface WorldOptions {
  addon: string;
  settings: Settings;
  dockerHost?: string | undefined;
  /** Size of a disk of its own for the add-on's data, in the words of tmpfs; root only. */
  disk?: string | undefined;
}

const NOWHERE = 'unix:///nowhere/docker.sock';

export function serverWorld({ addon: main, settings, dockerHost = NOWHERE, disk }: WorldOptions): ServerWorld {
  const home = mkdtempSync(join(tmpdir(), 'servers-'));
  chmodSync(home, 0o711); // servers have users of their own
  const environment = { DOCKER_HOST: dockerHost };
  const addons = openPlatform({ home, environment });
  const { platform } = addons;
  const command = () => commandLine(ownProgram(), platform.variables);
  const configured: Record<string, Settings> = {};
  const tokens = new Map<string, string | undefined>();
  const loaded = (addon: string) =>
    loadAddon(platform, addon, { outside: environment, scriptPath: SCRIPT_PATH, home: '/root', command });
  let files = 0;

  const world: ServerWorld = {
    home,
    addon: main,
    addons,
    data: platform.addonData(main),
    dockerHost,
    configure(more, addon = main) {
      configured[addon] = { ...configured[addon], ...more };
      const path = platform.addonOverrides(addon);
      mkdirSync(join(path, '..'), { recursive: true });
      const lines = Object.entries(configured[addon]).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
      writeFileSync(path, `[config]\n${lines.join('')}`, { mode: 0o600 });
    },
    settings: (addon = main) => ({ ...configured[addon] }),
    async app(name, addon = main) {
      mkdirSync(platform.appDir(name), { recursive: true });
      await addons.add(name, addon);
      return await world.release(name, addon);
    },
    async deleteApps() {
      await Promise.all(
        (await addons.apps()).map(async (name) => {
          await addons.delete(name);
          rmSync(platform.appDir(name), { recursive: true, force: true });
        }),
      );
    },
    async release(app, addon = main) {
      await addons.release(app);
      return await world.inEnv(app, addon);
    },
    async inEnv(app, addon = main) {
      const url = (await addons.env(app)).get(platform.configVar(addon));
      if (url === undefined) throw new Error(`${platform.configVar(addon)} is not in the ENV of ${app}`);
      return url;
    },
    async idOf(app, addon = main) {
      const { resources } = await addons.list(app);
      const [resource] = resources.filter((one) => one.addon === addon);
      if (!resource) throw new Error(`${app} has no ${addon}`);
      return resource.id;
    },
    privateOf(app, addon = main) {
      const lines = readFileSync(join(platform.appDir(app), 'ADDONS'), 'utf8').split('\n');
      const line = lines.find((one) => one.startsWith(`${addon};`));
      return line?.split(';')[2] ?? '';
    },
    async dump(app, addon = main) {
      const file = join(home, `dump-${++files}`);
      await addons.dump(app, addon, { file });
      return file;
    },
    file(content) {
      const path = join(home, `file-${++files}`);
      writeFileSync(path, content);
      return path;
    },
    environment: (operation, addon = main) => loaded(addon).environment({ operation }),
    start(script, args, operation, addon = main) {
      const { root } = loaded(addon);
      const child = spawn(join(root, script), args, {
        cwd: root,
        env: world.environment(operation, addon),
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const output = { stdout: '', stderr: '' };
      child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
      const ended = new Promise<Ended>((resolve, reject) => {
        child.on('error', reject);
        child.on('close', (status) => resolve({ status, ...output }));
      });
      return { pid: child.pid ?? 0, ended };
    },
    run: (...call) => world.start(...call).ended,
    async ids(addon = main) {
      const { status, stdout, stderr } = await world.run('list', [], 'none', addon);
      if (status !== 0) throw new Error(`list failed: ${stderr}`);
      return stdout.split('\n').filter(Boolean).sort();
    },
    servers(addon = main) {
      const directory = join(platform.addonData(addon), 'servers');
      return readDirectory(directory)
        .filter((name) => !name.startsWith('.'))
        .map((name) => join(directory, name));
    },
    containers: (addon = main) =>
      world
        .docker('ps', '--all', '--quiet', '--no-trunc', '--filter', `label=addons.data=${platform.addonData(addon)}`)
        .split('\n')
        .filter(Boolean),
    docker: (...args) => docker(dockerHost, args),
    remains(addon = main) {
      const data = platform.addonData(addon);
      tokens.set(addon, tokenOf(data) ?? tokens.get(addon));
      const containers = world.containers(addon).map((id) => `container ${id}`);
      const supervisors = processesBelow(join(platform.services, 'add-ons', addon)).map((pid) => `process ${pid}`);
      return [...containers, ...supervisors, ...remainsOf(data, tokens.get(addon))];
    },
    close() {
      for (const pid of processesBelow(platform.services)) send('SIGKILL', pid); // else they start the servers again
      for (const addon of readDirectory(join(platform.appsRoot, '.add-ons'))) destroy(world, addon, tokens);
      rmSync(home, { recursive: true, force: true });
    },
  };
  if (disk !== undefined) {
    mkdirSync(platform.addonData(main), { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${disk},mode=711`, 'none', platform.addonData(main)]);
  }
  world.configure(settings);
  return world;
}

/** By force, whatever became of it. */
function destroy(world: ServerWorld, addon: string, tokens: Map<string, string | undefined>) {
  const data = world.addons.platform.addonData(addon);
  const containers = world.containers(addon);
  if (containers.length > 0) world.docker('rm', '--force', '--volumes', ...containers);
  for (const pid of processesBelow(data)) send('SIGKILL', pid);
  for (const user of usersOf(tokenOf(data) ?? tokens.get(addon))) spawnSync('userdel', ['--force', user]);
  if (isMounted(data)) execFileSync('umount', ['--lazy', data]);
}

function docker(host: string, args: string[]): string {
  if (host === NOWHERE) return '';
  return execFileSync('docker', args, { encoding: 'utf8', env: { ...process.env, DOCKER_HOST: host } });
}

const tokenOf = (data: string) => /^\w+/.exec(textOf(join(data, 'token')))?.[0];

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

const isMounted = (path: string) => textOf('/proc/self/mounts').includes(` ${path} `);
