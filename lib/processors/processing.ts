import { readFileSync } from 'node:fs';
import {
  chainOf,
  HISTORY,
  NO_PROCESSORS,
  type ProcessorSections,
  type ProcessorSettings,
  readProcessors,
} from '../addon/processors.ts';
import { readToml } from '../addon/toml.ts';
import { AddonsError, systemCode } from '../errors.ts';
import type { Platform } from '../platform.ts';
import type { Addon } from '../scripts/addon.ts';
import { BUILT_IN } from './built-in.ts';
import type { ChainHost, Taken } from './chain.ts';
import { type Execution, executionOf, type ScriptRecord } from './execution.ts';
import { KEPT } from './history.ts';
import { asError, type Processor } from './processor.ts';

/** The processors of one call, each opened at its first use and shared by the add-ons that name it. */
export interface Processing {
  /** Every processor of every add-on has had its turn. What fails is told, and goes on as it was. */
  pass(batch: readonly Taken[]): Promise<void>;
  close(): Promise<void>;
}

export function openProcessing(host: ChainHost): Processing {
  const opened = new Map<string, Promise<Processor>>();
  const told = new Set<string>();
  let forAll: ProcessorSections | undefined;

  const warn = (message: string) => {
    if (!told.has(message)) host.tell({ type: 'warning', message });
    told.add(message);
  };

  const open = (name: string): Promise<Processor> => {
    const known = opened.get(name);
    if (known) return known;
    const processor = (BUILT_IN.get(name) ?? external(name))(host);
    opened.set(name, processor);
    return processor;
  };

  const passThrough = async (addon: Addon, records: readonly ScriptRecord[]) => {
    forAll ??= processorsForAll(host.store.platform);
    const { own, over } = addon.processors;
    for (const problem of [own, forAll, ...over].flatMap(({ problems }) => problems)) warn(problem);
    const chain = chainOf([own, forAll, ...over]);
    const operations = new Set(records.map(({ app, operation }) => operation ?? app)).size;
    let executions = needed(chain, records).map(executionOf);
    for (const settings of chain) {
      const turn = await takeTurn(settings, executions, operations, open);
      for (const problem of turn.problems) warn(`The processor ${settings.name} of ${addon.name} failed: ${problem}`);
      executions = turn.executions;
    }
  };

  return {
    pass: async (batch) => {
      await Promise.all(byAddon(batch).map(({ addon, records }) => passThrough(addon, records)));
    },
    async close() {
      for (const one of opened.values()) {
        await one.then((processor) => processor.close()).catch(() => {}); // that it failed was told
      }
    },
  };
}

/** The operator's `addons.toml`, which speaks of every add-on's executions. */
export function processorsForAll({ settings }: Platform): ProcessorSections {
  try {
    return readProcessors(readToml(readFileSync(settings, 'utf8'), settings));
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return NO_PROCESSORS;
    return { ...NO_PROCESSORS, problems: [error instanceof AddonsError ? error.message : String(error)] };
  }
}

const external = (name: string) => async (host: ChainHost) => (await import('./external.ts')).openExternal(host, name);

/** One add-on may have been loaded several times. */
function byAddon(batch: readonly Taken[]): { addon: Addon; records: ScriptRecord[] }[] {
  const found = new Map<string, { addon: Addon; records: ScriptRecord[] }>();
  for (const { addon, record } of batch) {
    const known = found.get(addon.name);
    if (known) known.records.push(record);
    else found.set(addon.name, { addon, records: [record] });
  }
  return [...found.values()];
}

/** Of thousands that only the history gets, it keeps a hundred: what the others say need not be looked at. */
const needed = (chain: readonly ProcessorSettings[], records: readonly ScriptRecord[]): readonly ScriptRecord[] =>
  chain.every(({ name }) => name === HISTORY) ? records.slice(chain.length === 0 ? records.length : -KEPT) : records;

interface Turn {
  executions: Execution[];
  problems: string[];
}

async function takeTurn(
  { name, config, timeout, forward }: ProcessorSettings,
  executions: Execution[],
  operations: number,
  open: (name: string) => Promise<Processor>,
): Promise<Turn> {
  try {
    const processor = await open(name);
    const results = await processor.process(executions, {
      config,
      within: Math.min(timeout * 1000 * operations, LONGEST_TIMER),
    });
    const failures = results.filter((one): one is Error => one instanceof Error);
    const next = executions.map((execution, at) => {
      const result = results[at];
      return forward || result === undefined || result instanceof Error ? execution : result;
    });
    return { executions: next, problems: failures.map(problemOf) };
  } catch (error) {
    return { executions, problems: [problemOf(asError(error))] };
  }
}

/** Milliseconds. A longer one fires at once. */
const LONGEST_TIMER = 2_147_483_647;

const problemOf = (error: Error): string =>
  error instanceof AddonsError && error.hint ? `${error.message} ${error.hint}` : error.message;
