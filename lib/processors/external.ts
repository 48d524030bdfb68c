import { secretValues } from '../addon/configuration.ts';
import type { ProcessorConfig, ProcessorValue } from '../addon/processors.ts';
import { AddonsError } from '../errors.ts';
import { suggestion } from '../names.ts';
import { type Companion, openCompanion } from '../rpc/companion.ts';
import { isObject } from '../rpc/protocol.ts';
import { extensionEnvironment } from '../scripts/environment.ts';
import { redactor } from '../scripts/redact.ts';
import { BUILT_IN } from './built-in.ts';
import type { ChainHost } from './chain.ts';
import { type Execution, endOf, OUTPUT_LIMIT } from './execution.ts';
import { type FoundProcessor, findProcessors, processorDirectories } from './find.ts';
import { asError, type Processor, type ProcessorJob } from './processor.ts';

/**
 * A program that receives executions over JSON-RPC. One process serves all add-ons of a call; once it broke down it is not
 * asked again.
 *
 * @throws {AddonsError} `usage` for a name that nothing has, `permission` for a program that is not to be run
 */
export function openExternal(host: ChainHost, name: string): Processor {
  const { path } = find(host, name);
  const secrets = new Set<string>();
  let opened: Promise<Companion> | undefined;

  const open = (within: number) => {
    opened ??= openCompanion(
      {
        kind: 'processor',
        name,
        title: path,
        path,
        env: environmentOf(host),
        cwd: '/',
        trace: host.trace,
        redact: (text) => redactor(secrets)(text),
      },
      { timeout: within, signal: host.signal },
    );
    return opened;
  };

  return {
    async process(executions, { config, within }: ProcessorJob) {
      for (const secret of secretsIn(config)) secrets.add(secret);
      const until = performance.now() + within;
      const companion = await open(within);
      const results: (Execution | Error)[] = [];
      for (const execution of executions) {
        const limits = { timeout: Math.max(1, until - performance.now()), signal: host.signal };
        const answer = companion.call('process', { execution, config }, limits);
        results.push(await answer.then((result) => changed(execution, result, path), asError));
      }
      return results;
    },
    async close() {
      const companion = await opened?.catch(() => undefined); // why it could not be opened was told
      if (companion === undefined) return;
      await companion.close();
      tellLog(host, name, companion.log());
    },
  };
}

/** Lines of its log that are told. */
const TOLD = 20;

function find(host: ChainHost, name: string): FoundProcessor {
  const directories = processorDirectories(host.store.platform, host.surroundings);
  const all = findProcessors(directories);
  const found = all.find((one) => one.name === name);
  if (found?.problem !== undefined) {
    throw new AddonsError('permission', `${found.path} ${found.problem}.`, { hint: 'See: addons processors' });
  }
  if (found) return found;
  const near = suggestion(name, [...BUILT_IN.keys(), ...all.map((one) => one.name)]);
  throw new AddonsError(
    'usage',
    `There is no such processor, and no addons-processor-${name} in ${directories.join(' or ')}.${near}`,
  );
}

const environmentOf = ({ store, surroundings, trace }: ChainHost): Record<string, string> =>
  extensionEnvironment({
    ...surroundings,
    platform: store.platform,
    variables: {},
    trace: trace !== undefined,
  });

const secretsIn = (config: ProcessorConfig): string[] =>
  Object.entries(config).flatMap(([key, value]) => secretsOf(key, value));

const secretsOf = (key: string, value: ProcessorValue): string[] =>
  Array.isArray(value) ? value.flatMap((one) => secretsOf(key, one)) : secretValues({ [key]: value });

/** What it may change is the output; who it is about, and how it ended, stays as it was. */
function changed(execution: Execution, result: unknown, path: string): Execution {
  if (result === null || result === undefined) return execution;
  if (isObject(result) && typeof result.output === 'string' && result.id === execution.id)
    return { ...execution, output: endOf(result.output, OUTPUT_LIMIT) };
  throw new AddonsError('script-output', `${path} answered with what is not the execution that it was given.`, {
    hint: 'It may change the output only, or answer null: docs/processors.md.',
  });
}

function tellLog({ tell }: ChainHost, name: string, { text, beside }: ReturnType<Companion['log']>): void {
  for (const line of text.split('\n').filter(Boolean).slice(-TOLD)) tell({ type: 'note', message: `${name}: ${line}` });
  if (beside === 0) return;
  const lines = beside === 1 ? '1 line' : `${beside} lines`;
  tell({
    type: 'warning',
    message: `The processor ${name} wrote ${lines} to stdout that are no answers; they count as its log.`,
  });
}
