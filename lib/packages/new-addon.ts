import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AddonsError, fromSystem } from '../errors.ts';
import { checkAddonName, suggestion } from '../names.ts';
import { temporaryPath } from '../state/atomic-file.ts';

/** What a new add-on begins as. */
export interface Template {
  name: string;
  description: string;
  /** Taken where none is named. */
  isDefault: boolean;
}

export interface NewAddon {
  addon: string;
  template: string;
  /** Absolute. */
  directory: string;
  outcome: 'done' | 'planned';
  steps: string[];
}

/** Those that come with this package; the first is the default. */
export const templates = (): Template[] =>
  TEMPLATES.map(([name, description], at) => ({ name, description, isDefault: at === 0 }));

/**
 * Makes a directory with an add-on that passes `addons test`, whole or not at all.
 *
 * @param directory does not exist yet; its last part is the add-on's name
 * @throws {AddonsError} `usage` for a bad name or a template that is not there, `conflict` where something is there already
 * @example newAddon('./vault', { template: 'python' })
 */
export function newAddon(directory: string, { template = DEFAULT, dryRun = false } = {}): NewAddon {
  const path = resolve(directory);
  const addon = checkAddonName(basename(path));
  const names: string[] = TEMPLATES.map(([name]) => name);
  if (!names.includes(template)) throw noTemplate(template, names);
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw isThere(path);
  const result = { addon, template, directory: path };
  if (dryRun) return { ...result, outcome: 'planned', steps: [`make ${path} from the template ${template}`] };
  make(join(templatesRoot(), template), path, addon);
  return { ...result, outcome: 'done', steps: [] };
}

const TEMPLATES = [
  ['sh', 'POSIX shell: no interpreter to install'],
  ['node', 'Node, with a place for npm dependencies'],
  ['python', 'Python 3, with a place for pip dependencies'],
] as const satisfies readonly (readonly [name: string, description: string])[];

const DEFAULT: string = TEMPLATES[0][0];

function make(from: string, path: string, addon: string): void {
  const building = temporaryPath(path);
  try {
    mkdirSync(dirname(path), { recursive: true });
    cpSync(from, building, { recursive: true });
    for (const entry of readdirSync(building, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      if (entry.isFile()) writeFileSync(file, readFileSync(file, 'utf8').replaceAll(PLACE_OF_NAME, addon));
    }
    renameSync(building, path);
  } catch (error) {
    rmSync(building, { recursive: true, force: true });
    throw existsSync(path) ? isThere(path) : fromSystem(error, path);
  }
}

/** Stands for the add-on's name in a template. */
const PLACE_OF_NAME = 'ADDON-NAME';

/** Beside the bundle (`dist/../templates`), or beside the sources. */
function templatesRoot(): string {
  const places = ['../templates', '../../templates'].map((way) => fileURLToPath(new URL(way, import.meta.url)));
  return places.find((path) => existsSync(path)) ?? '';
}

const noTemplate = (template: string, names: readonly string[]) =>
  new AddonsError('usage', `There is no template ${JSON.stringify(template)}.${suggestion(template, names)}`, {
    hint: `There are ${names.join(', ')}.`,
  });

const isThere = (path: string) =>
  new AddonsError('conflict', `${path} exists already: nothing was changed.`, { hint: 'Choose another name.' });
