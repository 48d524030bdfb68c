import { closeSync } from 'node:fs';
import { secretValues } from '../addon/configuration.ts';
import { AddonsError } from '../errors.ts';
import { extensionEnvironment } from '../scripts/environment.ts';
import { limitOutput } from '../scripts/output-limit.ts';
import { newOutput, takeErr } from '../scripts/outputs.ts';
import { redactor } from '../scripts/redact.ts';
import { runScript, type ScriptEnd } from '../scripts/run.ts';
import { prepareStore } from '../state/store.ts';
import { findPlugins, type Plugin, pluginVariables, programOf } from './plugin.ts';
import type { Facts, TriggerHost, Triggers } from './triggers.ts';

/** Runs the triggers of this call, plugin after plugin. What plugins there are is looked up once. */
export function openRunner(host: TriggerHost): Triggers {
  const plugins = findPlugins(host.store.platform);
  const running = new Set((host.surroundings.outside[UNDER_WAY] ?? '').split(' ').filter(Boolean));

  /** Undefined: it succeeded, or the plugin has none. */
  const run = async (plugin: Plugin, trigger: string, words: readonly string[], facts?: Facts) => {
    const program = programOf(plugin, trigger);
    if (program === undefined) return undefined;
    const { path, problem } = program;
    if (problem?.kind === 'no-program')
      host.tell({ type: 'warning', message: `${problem.message} It was passed over.` });
    if (problem) return problem.kind === 'refused' ? failed(plugin, trigger, problem.message) : undefined;
    const variables = {
      ...pluginVariables(plugin, host.store.platform),
      ...factVariables(facts),
      ADDONS_TRIGGER: trigger,
      [UNDER_WAY]: [...running, trigger].join(' '),
    };
    return runOne(host, plugin, trigger, { path, args: words, variables });
  };

  return {
    async ask(what, words) {
      const trigger = `pre-${what}`;
      // What a trigger does must not run that trigger again, without end.
      for (const plugin of running.has(trigger) ? [] : plugins) {
        const failure = await run(plugin, trigger, words);
        if (failure) throw refused(what, words, failure);
      }
    },
    async tell(trigger, words, facts) {
      if (host.signal?.aborted) return;
      for (const plugin of running.has(trigger) ? [] : plugins) {
        const failure = await run(plugin, trigger, words, facts).catch((error) =>
          failed(plugin, trigger, String(error)),
        );
        if (failure) host.tell({ type: 'failure', message: failure.message, error: failure });
      }
    },
  };
}

/** Which triggers are under way, for an `addons` that they call. */
const UNDER_WAY = 'ADDONS_TRIGGERS';
/** Lines of what a trigger says that are told. */
const TOLD = 50;

async function runOne(
  { store, surroundings, trace, signal, tell }: TriggerHost,
  plugin: Plugin,
  trigger: string,
  { path, args, variables }: { path: string; args: readonly string[]; variables: Record<string, string> },
): Promise<AddonsError | undefined> {
  prepareStore(store);
  const redact = redactor(secretValues(plugin.descriptor?.config ?? {}));
  const output = newOutput(store.platform.outputs, 'err');
  const limit = limitOutput([output.fd]);
  let said = '';
  const ended = await runScript({
    path,
    args,
    env: extensionEnvironment({ ...surroundings, platform: store.platform, variables, trace: trace !== undefined }),
    cwd: plugin.root,
    stdout: output.fd,
    stderr: trace ?? output.fd,
    timeout: (plugin.descriptor?.timeout ?? 0) * 1000,
    signal: AbortSignal.any([limit.signal, ...(signal ? [signal] : [])]),
  }).finally(() => {
    limit.stop();
    closeSync(output.fd);
    said = redact(takeErr(output.path).toString()).trim();
  });
  const lines = said.split('\n').filter(Boolean);
  // What it said last is most often the reason of a failure, and is told with that.
  const reason = ended.exit === 0 ? undefined : lines.pop();
  for (const line of lines.slice(-TOLD)) tell({ type: 'note', message: `${plugin.name}: ${line}` });
  if (ended.exit === 0) return undefined;
  const why = limit.signal.aborted ? 'wrote without end and was killed' : howItEnded(ended);
  return failed(plugin, trigger, `it ${why}${reason === undefined ? '.' : `: ${reason.slice(0, 500)}`}`);
}

function howItEnded({ exit, signal, timedOut, aborted }: ScriptEnd): string {
  if (timedOut) return 'took too long and was killed';
  if (aborted) return 'was interrupted';
  return signal === null ? `ended with exit status ${exit}` : `was killed by ${signal}`;
}

const factVariables = (facts: Facts | undefined): Record<string, string> =>
  facts === undefined
    ? {}
    : {
        ADDONS_OUTCOME: facts.outcome,
        ADDONS_ERROR: facts.error ?? '',
        ADDONS_CHANGED: facts.changed?.join(' ') ?? '',
        ADDONS_OP_ID: facts.operation ?? '',
      };

const failed = ({ name }: Plugin, trigger: string, why: string) =>
  new AddonsError('trigger-failed', `${trigger} of the plugin ${name} failed: ${why}`, {
    hint: 'What it was told of is over, and stays as it is; what the plugin does is left to you.',
  });

const refused = (what: string, words: readonly string[], { message }: AddonsError) =>
  new AddonsError('trigger-refused', `${what} ${words.join(' ')} was refused: ${message}`, {
    hint: 'Nothing was changed. Do what the plugin asks for, or take its directory away.',
  });
