import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { openPlatform, type PlatformOptions } from '../../lib/open-platform.ts';
import type { Addons } from '../../lib/operations/results.ts';
import { runningProcesses, variableOf } from '../../lib/scripts/processes.ts';
import { type Command, describe, type Job, perform, secretOf, type Told } from './driver.ts';

/** A platform with the apps `shop` and `blog` and the add-ons `db` (idempotent) and `plain` (not). */
export interface World {
  home: string;
  paths: Omit<PlatformOptions, 'disk'>;
  platform: Addons;
  /** In this process; gives what it threw instead of throwing it. */
  run(command: Command, options?: Job['options']): Promise<Outcome>;
  /** In a process of its own. */
  drive(command: Command, job?: Partial<Job>): Promise<Ended>;
  start(command: Command, job?: Partial<Job>): { child: ChildProcess; ended: Promise<Ended> };
  /** What happens when a script of this add-on comes to a point: see fixtures/ledger/at-point. */
  atPoint(addon: string, point: string, what: string): void;
  wasReached(addon: string, point: string): boolean;
  /** Runs these in this process; one that fails is the test's fault. */
  prepare(commands: Command[]): Promise<World>;
  /** A file that tells an add-on's scripts which process to kill as `manager`. */
  announce(addon: string): string;
  /** A resource that no operation made, with the secret that `adopt` is told. */
  make(addon: string, id: string): void;
  /** The data of a resource, in a new file. */
  write(addon: string, id: string, data: string): void;
  /** As if an administrator had destroyed it by hand. */
  unmake(addon: string, id: string): void;
  /** Deletes an app's directory and makes a new one: another app of the same name. */
  makeAgain(app: string): void;
  /** Replaces a script of an add-on. */
  script(addon: string, name: string, body: string): void;
  /** The fixture's own script again. */
  installScript(addon: string, name: string): void;
  remove(): void;
}

export interface Outcome {
  result?: unknown;
  error?: Told['error'];
}

export interface Ended extends Outcome {
  signal: NodeJS.Signals | null;
  steps: Told['steps'];
}

export interface Workshop {
  makeWorld(options?: { home?: string; scriptPath?: string; roots?: Partial<PlatformOptions> }): World;
  program: string;
  /** A new directory. */
  directory(): string;
  remove(): void;
}

export const FIXTURE = join(import.meta.dirname, 'fixtures', 'ledger');

/** Bundles the driver once; worlds are made in a directory that goes with everything in it. */
export async function openWorkshop(): Promise<Workshop> {
  const root = mkdtempSync(join(tmpdir(), 'addons-crash-'));
  chmodSync(root, 0o755);
  const program = await bundle(join(root, 'bin', 'program'), 'driver.ts').catch((error) => {
    rmSync(root, { recursive: true, force: true });
    throw error;
  });
  let worlds = 0;
  let directories = 0;
  return {
    program,
    directory() {
      const path = join(root, `directory-${++directories}`);
      mkdirSync(path);
      return path;
    },
    makeWorld: ({ home = join(root, `world-${++worlds}`), scriptPath, roots } = {}) =>
      makeWorld(home, program, { home, shipped: undefined, ...(scriptPath && { scriptPath }), ...roots }),
    remove() {
      for (const pid of scriptsBelow(root)) killIfThere(pid);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export async function bundle(directory: string, source: string): Promise<string> {
  await build({
    entryPoints: [join(import.meta.dirname, source)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    splitting: true, // what a command does not load need not be compiled in each of its many processes
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'error',
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  });
  return join(directory, source.replace(/\.ts$/, '.mjs'));
}

/** Several at a time: the machine may have few cores, and a point is mostly waiting for fsync. */
export async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>, width = 4): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

export function installLedger(platform: Addons['platform'], name: string, idempotent: boolean): void {
  cpSync(FIXTURE, platform.addonRoot(name), { recursive: true });
  writeFileSync(
    join(platform.addonRoot(name), 'addon.toml'),
    `[addon]\nidempotent = ${idempotent}\n[config]\nrepeatable = ${idempotent}\n`,
  );
}

/** Pids of processes that run for a platform below this directory. */
export const scriptsBelow = (root: string): number[] =>
  (runningProcesses() ?? [])
    .map(({ pid }) => pid)
    .filter((pid) => variableOf(pid, 'ADDON_ROOT')?.startsWith(`${root}/`));

export function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

function makeWorld(home: string, program: string, paths: Omit<PlatformOptions, 'disk'>): World {
  const platform = openPlatform(paths);
  const { appDir, addonData, addonRoot } = platform.platform;
  for (const app of ['shop', 'blog']) mkdirSync(appDir(app), { recursive: true });
  installLedger(platform.platform, 'db', true);
  installLedger(platform.platform, 'plain', false);
  const points = (addon: string) => join(addonData(addon), 'points');
  const start: World['start'] = (command, job = {}) => {
    const asked: Job = { platform: paths, command, options: { wait: 20 }, ...job };
    const child = spawn(process.execPath, [program, JSON.stringify(asked)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: '/',
    });
    return { child, ended: ending(child) };
  };
  const world: World = {
    home,
    paths,
    platform,
    start,
    async prepare(commands) {
      for (const command of commands) {
        const { error } = await world.run(command);
        if (error) throw new Error(`${command.join(' ')}: ${error.message}`);
      }
      return world;
    },
    announce(addon) {
      mkdirSync(points(addon), { recursive: true });
      return join(points(addon), 'manager');
    },
    drive: (command, job) => start(command, job).ended,
    async run(command, options = { wait: 20 }) {
      try {
        return { result: await perform(platform, command, options) };
      } catch (error) {
        return { error: describe(error) };
      }
    },
    atPoint(addon, point, what) {
      mkdirSync(points(addon), { recursive: true });
      writeFileSync(join(points(addon), point), `${what}\n`);
    },
    wasReached: (addon, point) => existsSync(join(points(addon), `${point}.reached`)),
    write(addon, id, data) {
      const path = join(addonData(addon), 'data', id);
      rmSync(path, { force: true });
      writeFileSync(path, data);
    },
    make(addon, id) {
      for (const name of ['ledger', 'data']) mkdirSync(join(addonData(addon), name), { recursive: true });
      world.write(addon, id, `data of ${id}\nwhole\n`);
      writeFileSync(join(addonData(addon), 'ledger', id), `none ${secretOf(id)}\n`);
    },
    unmake(addon, id) {
      for (const name of ['ledger', 'data']) rmSync(join(addonData(addon), name, id));
    },
    makeAgain(app) {
      rmSync(appDir(app), { recursive: true });
      mkdirSync(appDir(app));
    },
    script(addon, name, body) {
      const path = join(addonRoot(addon), name);
      rmSync(path, { force: true });
      writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    },
    installScript: (addon, name) => cpSync(join(FIXTURE, name), join(addonRoot(addon), name)),
    remove() {
      for (const pid of scriptsBelow(home)) killIfThere(pid);
      rmSync(home, { recursive: true, force: true });
    },
  };
  return world;
}

function ending(child: ChildProcess): Promise<Ended> {
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (_, signal) => {
      const told: Told = text === '' ? { steps: [] } : JSON.parse(text);
      resolve({ signal, ...told });
    });
  });
}

/** Names in a directory that may not exist. */
export const namesIn = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory) : []);
