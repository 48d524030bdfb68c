import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isProcessorName } from '../addon/processors.ts';
import { systemCode } from '../errors.ts';
import type { Platform } from '../platform.ts';
import type { Surroundings } from '../scripts/environment.ts';
import { foreignWriterOf } from '../scripts/foreign-writer.ts';

/** An external processor, as it was found. */
export interface FoundProcessor {
  name: string;
  path: string;
  /** Why it is not run, in words that follow its path. */
  problem?: string;
}

/** Where external processors lie. What is in a later one wins. */
export const processorDirectories = ({ processors }: Platform, { beside }: Surroundings): string[] => [
  processors,
  ...(beside === undefined ? [] : [beside]),
];

/** All of them, by name. What cannot be one, such as a directory of that name, is passed over where there is another. */
export function findProcessors(directories: readonly string[]): FoundProcessor[] {
  const found = new Map<string, FoundProcessor>();
  for (const directory of directories) {
    for (const file of namesIn(directory)) {
      const name = file.startsWith(PREFIX) ? file.slice(PREFIX.length) : '';
      if (!isProcessorName(name)) continue;
      const one = look(name, join(directory, file));
      if (one.isProgram || !found.has(name)) found.set(name, one.processor);
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

const PREFIX = 'addons-processor-';

function look(name: string, path: string): { processor: FoundProcessor; isProgram: boolean } {
  const no = (problem: string) => ({ processor: { name, path, problem }, isProgram: false });
  try {
    if (!statSync(path).isFile()) return no('is no regular file');
    accessSync(path, constants.X_OK);
  } catch (error) {
    return no(systemCode(error) === 'EACCES' ? 'is not executable' : 'is a link that leads nowhere');
  }
  const writer = foreignWriterOf(path);
  return {
    processor: { name, path, ...(writer !== undefined && { problem: `is not run: ${writer}` }) },
    isProgram: true,
  };
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // not there, or not ours to look into: nothing is to be found
  }
}
