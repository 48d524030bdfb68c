import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  openSync,
  readdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { type ProcessorConfig, valuesOf } from '../addon/processors.ts';
import { fromSystem, systemCode } from '../errors.ts';
import { createDirectory } from '../state/directory.ts';
import type { Store } from '../state/store.ts';
import type { ChainHost } from './chain.ts';
import { type Execution, isFailed } from './execution.ts';
import { eachAlone, type Processor, pointedTo } from './processor.ts';

/** Writes each execution to a file of its own, of which the newest ones are kept. */
export const openFiles = ({ store }: ChainHost): Processor => {
  const processor = eachAlone((execution, config) => {
    const { directory } = settingsOf(store, config);
    const path = join(directory, nameOf(execution));
    write(store, directory, path, textOf(execution));
    return pointedTo(execution, `in ${path}`);
  });
  return {
    ...processor,
    async process(executions, job) {
      const settings = settingsOf(store, job.config);
      const results = await processor.process(executions, job);
      for (const addon of new Set(executions.map((one) => one.addon))) prune(addon, settings);
      return results;
    },
  };
};

const DEFAULTS = {
  /** Absolute path; empty: `files` beside the history. */
  directory: '',
  /** How many files of an add-on stay. */
  keep: 100,
  /** How many days they stay. */
  days: 30,
};

function settingsOf({ platform }: Store, config: ProcessorConfig): typeof DEFAULTS {
  const settings = valuesOf(config, DEFAULTS);
  const { directory, keep, days } = settings;
  if (directory !== '' && !isAbsolute(directory)) throw new Error('directory must be an absolute path.');
  if (!(Number.isInteger(keep) && keep > 0)) throw new Error('keep must be a whole number above 0.');
  if (!(days > 0)) throw new Error('days must be above 0.');
  return { ...settings, directory: directory === '' ? join(platform.executions, 'files') : directory };
}

/** `db.20261121T005707774Z.url.shop.<id>.log`: sorted by name, each add-on's are in the order of time. */
const nameOf = ({ addon, action, app, started, id }: Execution): string =>
  [addon, started.replace(/[-:.]/g, ''), action, ...(app === undefined ? [] : [app]), id, 'log'].join('.');

/** Of one add-on, whose name may hold dots as well. */
const isOf = (addon: string) => {
  const rest = /^\.(\d{8}T\d{9}Z)\..+\.log$/;
  return (name: string): string | undefined =>
    name.startsWith(addon) ? rest.exec(name.slice(addon.length))?.[1] : undefined;
};

function textOf(execution: Execution): string {
  const { id, addon, app = '-', action, operation = '-', started, finished, exit, signal, stopped, output } = execution;
  const fields = { id, 'add-on': addon, app, script: action, operation, started, finished, exit, signal, stopped };
  const head = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value ?? '-'}`],
  );
  return `${head.join('\n')}\nfailed: ${isFailed(execution) ? 'yes' : 'no'}\n\n${output}`;
}

/** One that the operator made is used as it is. */
function makeDirectory(path: string, store: Store): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path), store);
  try {
    createDirectory(path, 0o700, store.libOwner);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}

function write(store: Store, directory: string, path: string, text: string): void {
  const { libOwner } = store;
  try {
    makeDirectory(directory, store);
    const fd = openSync(path, NEW, 0o600);
    try {
      fchmodSync(fd, 0o600);
      if (libOwner) fchownSync(fd, libOwner.uid, libOwner.gid);
      const bytes = Buffer.from(text);
      if (writeSync(fd, bytes) < bytes.length) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
    } catch (error) {
      unlinkSync(path); // half a file would look like a whole one
      throw error;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw fromSystem(error, path);
  }
}

const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Removes what is too old or too much, and only what this processor has written for this add-on. */
function prune(addon: string, { directory, keep, days }: typeof DEFAULTS): void {
  const timeOf = isOf(addon);
  const oldest = new Date(Date.now() - days * 86_400_000).toISOString().replace(/[-:.]/g, '');
  const files = namesIn(directory)
    .flatMap((name) => {
      const time = timeOf(name);
      return time === undefined ? [] : [{ name, time }];
    })
    .sort((a, b) => (a.time < b.time ? 1 : -1));
  for (const { name } of files.filter(({ time }, at) => at >= keep || time < oldest)) remove(join(directory, name));
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fromSystem(error, directory);
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw fromSystem(error, path);
  }
}
