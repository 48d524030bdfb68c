import type { Progress } from '../operations/results.ts';
import type { CheckName } from './contract.ts';

export type { CheckName } from './contract.ts';

/** How one check ended. Texts are for people and never hold a secret. */
export interface CheckEnd {
  check: CheckName;
  outcome: 'passed' | 'failed' | 'skipped';
  /** What the contract asks of an add-on. */
  contract: string;
  /** failed: what was seen instead. */
  seen?: string;
  /** failed: what the script wrote to stderr where that is more than the one line in `seen`: its end, redacted. */
  stderr?: string;
  /** failed: the next step. */
  hint?: string;
  /** skipped: why it could not be looked at. */
  reason?: string;
  /** skipped: the check that it needs and that did not pass, where that is the reason. */
  needs?: CheckName;
  /** Milliseconds. */
  duration: number;
}

export interface TestOptions {
  /** Log in at the URLs, and with a wrong password. */
  connect?: boolean | undefined;
  /** Configuration as an operator would write it; a text is read as the type of the default in `addon.toml`. */
  config?: Readonly<Record<string, string>> | undefined;
  /** These checks only, and silently those that they need. */
  only?: readonly string[] | undefined;
  /** The environment that scripts may take `DOCKER_*`, `*_PROXY`, `TZ` and what `pass_env` names from. */
  environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** `PATH` of every script. */
  scriptPath?: string | undefined;
  /** Where the temporary home is made, default the system's directory for such. */
  temporary?: string | undefined;
  /** Seconds a script may run, instead of what `addon.toml` says. */
  timeout?: number | undefined;
  /** Stops the test; what it made is tidied away before the iteration ends with `aborted`. */
  signal?: AbortSignal | undefined;
  onProgress?: ((event: Progress) => void) | undefined;
}
