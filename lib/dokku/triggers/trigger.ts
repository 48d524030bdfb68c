import type { Call } from '../../cli/call.ts';
import type { Addons } from '../../operations/results.ts';

/** What a trigger works with. Dokku has made sure of the app. */
export interface TriggerCall {
  call: Call;
  addons: Addons;
  env: Readonly<Record<string, string | undefined>>;
}

/** Answers one of Dokku's triggers; what it throws fails it, and with it what Dokku is doing. */
export type Trigger = (work: TriggerCall, args: readonly string[]) => Promise<void>;
