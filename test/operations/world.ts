import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { AddonsError } from '../../lib/errors.ts';
import { openPlatform, type PlatformOptions } from '../../lib/open-platform.ts';
import type { Addons, Progress } from '../../lib/operations/results.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/add-ons');

/** A platform in a home of its own, gone after the test. */
export interface World {
  home: string;
  addons: Addons;
  /** Another caller of the same platform. */
  open(options?: PlatformOptions): Addons;
  /** Makes an app and gives its directory; ADDONS with these lines where given. */
  app(name: string, lines?: string): string;
  /**
   * Installs a fixture add-on under this name, with some files replaced: a script by its shell commands, `addon.toml`
   * by its text, and a file that is to be missing by undefined. Called again, it replaces files of what is there.
   */
  install(name: string, files?: Files, fixture?: 'vault' | 'bare'): void;
  /** Installs and enables. */
  enable(name: string, files?: Files, fixture?: 'vault' | 'bare'): Promise<void>;
  /** An app's ADDONS or ENV; '' where there is none. */
  read(app: string, file: 'ADDONS' | 'ENV'): string;
  /** Ids of the resources that exist. */
  ledger(addon: string): string[];
  /** What the add-on's scripts were run for, such as `url shop-1`. */
  ran(addon: string): string[];
  /** Names of the journal's entries, half ones included. */
  journal(): string[];
  /** Resolves once an operation is under way. */
  begun(): Promise<void>;
  /** Everything below home: path → mode, time and content. */
  tree(): Record<string, string>;
}

type Files = Record<string, string | undefined>;

export function platform(options: PlatformOptions = {}): World {
  const home = mkdtempSync(join(tmpdir(), 'platform-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const open = (more: PlatformOptions = {}) => openPlatform({ home, ...options, ...more });
  const addons = open();
  const paths = addons.platform;
  const world: World = {
    home,
    addons,
    open,
    app(name, lines) {
      const dir = paths.appDir(name);
      mkdirSync(dir, { recursive: true });
      if (lines !== undefined) writeFileSync(join(dir, 'ADDONS'), lines, { mode: 0o600 });
      return dir;
    },
    install(name, files = {}, fixture = 'vault') {
      const root = paths.addonRoot(name);
      cpSync(join(FIXTURES, fixture), root, { recursive: true, force: false });
      for (const [file, text] of Object.entries(files)) put(join(root, file), text);
    },
    async enable(name, files, fixture) {
      world.install(name, files, fixture);
      await addons.enable(name);
    },
    read: (app, file) => textOf(join(paths.appDir(app), file)),
    ledger: (addon) => namesIn(join(paths.addonData(addon), 'ledger')),
    ran: (addon) =>
      textOf(join(paths.addonData(addon), 'ran'))
        .split('\n')
        .filter(Boolean),
    journal: () => namesIn(paths.journal),
    async begun() {
      while (!world.journal().some((name) => !name.startsWith('tmp.'))) await pause(5);
    },
    tree: () => treeOf(home),
  };
  return world;
}

/** The error that a call ends with. */
export async function failure(call: Promise<unknown>): Promise<AddonsError> {
  const result = await call.then(
    (value) => ({ value }),
    (error: AddonsError) => ({ error }),
  );
  if ('error' in result) return result.error;
  throw new Error(`it succeeded: ${JSON.stringify(result.value)}`);
}

/** Collects what a call tells: `const { events, onProgress } = listener()`. */
export function listener(): { events: Progress[]; onProgress: (event: Progress) => void } {
  const events: Progress[] = [];
  return { events, onProgress: (event) => events.push(event) };
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function put(path: string, text: string | undefined) {
  rmSync(path, { force: true });
  if (text === undefined) return;
  writeFileSync(path, path.endsWith('.toml') ? text : `#!/bin/sh\nset -eu\n${text}\n`);
  chmodSync(path, path.endsWith('.toml') ? 0o644 : 0o755);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

function treeOf(root: string): Record<string, string> {
  const paths = readdirSync(root, { recursive: true, withFileTypes: true }).map((one) =>
    join(one.parentPath, one.name),
  );
  return Object.fromEntries(
    [root, ...paths].map((path) => {
      const { mode, mtimeMs, ino } = lstatSync(path);
      const content = (mode & 0o170000) === 0o100000 ? readFileSync(path, 'latin1') : '';
      return [path, `${mode.toString(8)} ${mtimeMs} ${ino} ${content}`];
    }),
  );
}
