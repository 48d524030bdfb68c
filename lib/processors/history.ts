import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { valuesOf } from '../addon/processors.ts';
import { fromSystem, systemCode } from '../errors.ts';
import { type AppendedFile, appendLines, partsOf, sizeOf } from '../state/appended-file.ts';
import { openLineReader } from '../state/log-reader.ts';
import type { Store } from '../state/store.ts';
import { type Execution, endOf } from './execution.ts';
import type { Processor } from './processor.ts';

/** How many executions of an add-on are kept. */
export const KEPT = 100;

/** Keeps the last executions of each add-on in a file of its own. */
export const openHistory = (store: Store): Processor => ({
  async process(executions, { config }) {
    valuesOf(config, {});
    const last = executions.slice(-KEPT);
    const [first] = last;
    if (first) await appendLines(store, fileOf(store, first.addon), last.map(lineOf));
    return [...executions];
  },
  close: async () => {},
});

/**
 * What is kept, of one add-on or all, in the order in which it ended.
 *
 * @throws {AddonsError} `permission`, `io`
 */
export function readHistory(store: Store, addon?: string): Execution[] {
  const addons = addon === undefined ? addonsWithHistory(store) : [addon];
  return addons
    .flatMap((name) => lastOf(store, name))
    .sort((a, b) => (a.finished < b.finished ? -1 : a.finished > b.finished ? 1 : 0));
}

const fileOf = ({ platform }: Store, addon: string): AppendedFile => ({
  path: join(platform.executions, `${addon}${EXTENSION}`),
  older: 1,
  isFull,
  lock: `executions-${addon}`,
  label: `the executions of ${addon}`,
});

const EXTENSION = '.jsonl';
/** Characters of output that are kept. */
const OUTPUT_KEPT = 8 * 1024;

const lineOf = (execution: Execution): string =>
  JSON.stringify({ ...execution, output: endOf(execution.output, OUTPUT_KEPT) });

/** The older part has as many as are kept, or more, so that the newest one may begin anew. */
function isFull(path: string): boolean {
  const size = sizeOf(path);
  if (size < KEPT * SHORTEST_LINE) return false;
  return size > LARGEST || linesIn(readFileSync(path)) >= KEPT;
}

/** Bytes of an execution without output; fewer lines need not be counted. */
const SHORTEST_LINE = 150;
/** Bytes. Executions do not make it so large. */
const LARGEST = 8 * 1024 * 1024;

function linesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count += 1;
  return count;
}

function lastOf(store: Store, addon: string): Execution[] {
  const reader = openLineReader(partsOf(fileOf(store, addon)));
  try {
    return [...reader.lines()].slice(-KEPT).flatMap((line) => parse(line) ?? []);
  } finally {
    reader.close();
  }
}

/** Undefined for what is no execution: a line that a crash cut short, or that somebody else wrote. */
function parse(line: string): Execution | undefined {
  try {
    const found = JSON.parse(line) as Execution; // checked below, as far as anything is done with it
    const { id, addon, app = '', action, operation = '', started, finished, exit, signal, output } = found;
    const texts = [id, addon, app, action, operation, started, finished, signal ?? '', output];
    const isWhole = texts.every((text) => typeof text === 'string') && (exit === null || Number.isInteger(exit));
    return isWhole && !Number.isNaN(Date.parse(started) + Date.parse(finished)) ? found : undefined;
  } catch {
    return undefined;
  }
}

function addonsWithHistory({ platform }: Store): string[] {
  try {
    return readdirSync(platform.executions)
      .filter((name) => name.endsWith(EXTENSION))
      .map((name) => name.slice(0, -EXTENSION.length));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fromSystem(error, platform.executions);
  }
}
