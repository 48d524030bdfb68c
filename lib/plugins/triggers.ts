import { existsSync } from 'node:fs';
import type { AddonsError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import type { Surroundings } from '../scripts/environment.ts';
import type { Store } from '../state/store.ts';

/** What is done that plugins may have a say in. */
export const TRIGGERED = ['enable', 'disable', 'add', 'remove', 'release'] as const;
export type Triggered = (typeof TRIGGERED)[number];

/** What plugins are told of, when it is over. */
export type Told = `post-${Triggered}` | 'install' | 'app-delete' | 'app-rename' | 'app-clone';

/** What a trigger is told besides its arguments. Never a secret. */
export interface Facts {
  outcome: 'done' | 'unchanged' | 'failed' | 'recovered';
  /** `failed`: the error's code. */
  error?: string | undefined;
  /** release: names of the config vars whose value changed. */
  changed?: readonly string[] | undefined;
  /** Id of the journaled operation. */
  operation?: string | undefined;
}

/** The triggers of all plugin directories. */
export interface Triggers {
  /** Asks before anything is done. @throws {AddonsError} `trigger-refused`: one failed, so nothing is to be done */
  ask(what: Triggered, words: readonly string[]): Promise<void>;
  /** Tells that it is over. Never throws: one that fails is reported. */
  tell(trigger: Told, words: readonly string[], facts: Facts): Promise<void>;
}

export interface TriggerHost {
  store: Store;
  surroundings: Surroundings;
  trace: number | undefined;
  signal: AbortSignal | undefined;
  tell: (event: TriggerEvent) => void;
}

export type TriggerEvent =
  | { type: 'note' | 'warning'; message: string }
  | { type: 'failure'; message: string; error: AddonsError };

export function openTriggers(host: TriggerHost): Triggers {
  // Most platforms have no plugins: they do not load what runs them.
  let runner: Promise<Triggers> | undefined;
  const load = () => {
    runner ??= import('./run-triggers.ts').then(({ openRunner }) => openRunner(host));
    return runner;
  };
  return {
    async ask(what, words) {
      if (hasPlugins(host.store.platform)) await (await load()).ask(what, words);
    },
    async tell(trigger, words, facts) {
      if (hasPlugins(host.store.platform)) await (await load()).tell(trigger, words, facts);
    },
  };
}

/** Why something of a plugin directory is not run, in sentences. */
export async function pluginProblems(platform: Platform): Promise<string[]> {
  if (!hasPlugins(platform)) return [];
  return (await import('./plugin-problems.ts')).problemsOf(platform);
}

const hasPlugins = ({ plugins }: Platform): boolean => plugins.some((directory) => existsSync(directory));
