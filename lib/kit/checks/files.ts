import { accessSync, closeSync, constants, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { configEnvironment } from '../../addon/configuration.ts';
import { SCRIPTS } from '../../addon/contract.ts';
import { readDescriptor } from '../../scripts/addon.ts';
import { locateScript } from '../../scripts/locate.ts';
import type { Check } from '../check.ts';
import { fingerprints } from '../files-below.ts';
import { broken } from '../resources.ts';

/** Looks at the directory that was named: a hint speaks of the file to be mended. */
export const scripts: Check = async ({ source, scriptPath }) => {
  const there = new Set(readdirSync(source));
  for (const { name, required } of SCRIPTS) {
    if (!required && !there.has(name)) continue;
    const path = locateScript(source, name);
    const problem = interpreterProblem(firstLine(path), scriptPath);
    if (problem) throw broken(`${name} cannot be started: ${problem.seen}.`, problem.hint);
  }
  return undefined;
};

export const descriptor: Check = async ({ source }) => {
  configEnvironment(readDescriptor(source).config);
  return undefined;
};

/** From here on scripts can run. */
export const installable: Check = async (trial) => {
  const { addons, source, name, signal } = trial;
  await addons.install(source, { as: name, signal });
  trial.rootBefore = fingerprints(trial.addon.root);
  return undefined;
};

export const ownDirectory: Check = async ({ addon, rootBefore }) => {
  const now = fingerprints(addon.root);
  const paths = [...new Set([...rootBefore.keys(), ...now.keys()])];
  const changed = paths.filter((path) => now.get(path) !== rootBefore.get(path));
  if (changed.length === 0) return undefined;
  throw broken(
    `Its own directory is not what was installed: ${changed.slice(0, 5).join(', ')}.`,
    'Keep what changes in $ADDON_DATA: an update replaces $ADDON_ROOT.',
  );
};

interface Problem {
  seen: string;
  hint: string;
}

function interpreterProblem(line: string, scriptPath: string): Problem | undefined {
  if (!line.startsWith('#!')) return undefined; // a program, or for the shell
  if (line.endsWith('\r')) {
    return { seen: 'its lines end in CR LF', hint: 'Write it with line feeds alone (sed -i "s/\\r$//" FILE).' };
  }
  const [program = '', first] = line.slice(2).trim().split(/\s+/);
  if (!isExecutable(program)) return notInstalled(program);
  const isEnv = program.endsWith('/env') && first !== undefined && !first.startsWith('-') && !first.includes('=');
  if (!isEnv || scriptPath.split(':').some((directory) => isExecutable(join(directory, first)))) return undefined;
  return notInstalled(first, ` in the PATH of scripts, ${scriptPath}`);
}

const notInstalled = (program: string, where = ''): Problem => ({
  seen: `its interpreter ${JSON.stringify(program)} is not installed${where}`,
  hint: 'Install it, or name another one in the first line.',
});

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function firstLine(path: string): string {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(256); // the kernel reads no more of it
    const text = bytes.toString('latin1', 0, readSync(fd, bytes));
    return text.split('\n')[0] ?? '';
  } finally {
    closeSync(fd);
  }
}
