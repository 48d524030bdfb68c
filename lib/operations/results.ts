import type { Platform } from '../platform.ts';

/** `done`: something changed. `unchanged`: it was so already. `planned`: a dry run; nothing was done. */
export type Outcome = 'done' | 'unchanged' | 'planned';

/** What a running call tells while it works. Texts are for people and never hold a secret. */
export type Progress =
  /** A step began, e.g. `Provisioning db for shop`. */
  | { type: 'step'; message: string }
  /** Worth knowing, e.g. `Installed the shipped add-on db 1.0.0`. */
  | { type: 'note'; message: string }
  /** Something is wrong that did not stop the call. */
  | { type: 'warning'; message: string }
  /** Another process is at work; who and since when. */
  | { type: 'waiting'; message: string }
  /** Progress of long work: `done` of `total` apps. */
  | { type: 'count'; message: string; done: number; total: number };

/** Options that every call takes. */
export interface CallOptions {
  /** Stops waiting and kills the running script's process group. The operation stays recoverable. */
  signal?: AbortSignal | undefined;
  /** Seconds to wait for other processes, default 30. */
  wait?: number | undefined;
  /** Seconds a script may run, instead of what its `addon.toml` says. */
  timeout?: number | undefined;
  onProgress?: ((event: Progress) => void) | undefined;
  /** Plan only: nothing is changed, nothing is run, the result's `outcome` is `planned`. */
  dryRun?: boolean | undefined;
  /** File descriptor that gets the scripts' stderr with `X_TRACE` set; nothing of it is kept. */
  trace?: number | undefined;
}

export interface EnableResult {
  addon: string;
  outcome: Outcome;
  /** Version of the shipped add-on that was copied to the add-ons directory by this call ('' if unnamed). */
  installed?: string;
  /** Version of a newer copy that ships with this package. */
  newerShipped?: string;
  steps: string[];
}

export interface AddResult {
  app: string;
  addon: string;
  outcome: Outcome;
  /** Undefined in a dry run. */
  id?: string;
  /** The config var that the next release sets, e.g. `X_DB_URL`. */
  configVar: string;
  steps: string[];
}

export interface RemoveResult {
  app: string;
  addon: string;
  outcome: Outcome;
  /** Undefined when there was nothing to remove. */
  id?: string;
  steps: string[];
}

export interface DisableResult {
  addon: string;
  outcome: Outcome;
  /** What was removed from apps, or would be. */
  removed: RemoveResult[];
  steps: string[];
}

export interface DeleteResult {
  app: string;
  outcome: Outcome;
  removed: RemoveResult[];
  steps: string[];
}

export interface ReleaseResult {
  app: string;
  outcome: Outcome;
  /** Names of the config vars that this app's add-ons give. */
  configVars: string[];
  /** Those of them whose value changed (in a dry run: that would be computed). */
  changed: string[];
  /** Malformed lines, for example. */
  warnings: string[];
}

export interface AddonState {
  name: string;
  /** installed: its directory is there; shipped: comes with this package and is not installed yet. */
  installed: boolean;
  enabled: boolean;
  shipped: boolean;
  description?: string;
  version?: string;
  /** Apps that have a line for it. */
  apps: string[];
}

export interface ResourceState {
  addon: string;
  id: string;
  configVar: string;
  /** `ok`, or what stands in the way. */
  state: 'ok' | 'adding' | 'removing' | 'quarantined' | 'disabled' | 'not-installed' | 'duplicate';
}

export interface AppResources {
  app: string;
  resources: ResourceState[];
  /** Lines of ADDONS that cannot be understood, by number; 0: the whole file. */
  malformed: { line: number; problem: string }[];
}

export interface AddonInfo extends AddonState {
  root: string;
  data: string;
  configVar: string;
  idempotent: boolean;
  scripts: { name: string; present: boolean; required: boolean; timeout: number }[];
  /** Effective configuration; values that look secret are shown as `[redacted]`. */
  config: Record<string, string | number | boolean>;
  passEnv: string[];
  newerShipped?: string;
}

export interface Finding {
  /** A stable word for the kind, e.g. `orphan`, `quarantined`, `line-without-addon`. See `docs/cli.md`. */
  kind: FindingKind;
  severity: 'error' | 'warning';
  message: string;
  /** The next step. */
  hint?: string;
  app?: string;
  addon?: string;
  id?: string;
  path?: string;
  line?: number;
  operation?: string;
}

export type FindingKind =
  | 'quarantined'
  | 'interrupted'
  | 'journal'
  | 'orphan'
  | 'missing-resource'
  | 'line-without-addon'
  | 'addon-disabled'
  | 'duplicate-line'
  | 'duplicate-id'
  | 'malformed-line'
  | 'drift'
  | 'stale-variable'
  | 'variable-clash'
  | 'script-missing'
  | 'script-failed'
  | 'mode'
  | 'owner'
  | 'unreadable'
  | 'foreign-owner';

export interface CheckResult {
  findings: Finding[];
  /** How much was looked at. */
  apps: number;
  addons: number;
  operations: number;
}

export interface HeldLock {
  /** What is held: `lock shop`, `lock add-on db`, or `operation <id>`. */
  name: string;
  /** Operation id, or the name of the lock's directory: what `unlock` takes. */
  key: string;
  /** Pid on its machine. */
  pid: number;
  /** `alive` and `dead` are known; `unknown`: another machine or pid namespace. */
  owner: 'alive' | 'dead' | 'unknown';
  /** ISO 8601. */
  since: string;
}

export interface UnlockResult {
  held: HeldLock[];
  /** Keys that were freed by this call. */
  freed: string[];
}

export interface DumpResult {
  app: string;
  addon: string;
  /** Bytes; undefined when it went to a file descriptor that cannot be measured. */
  bytes?: number;
  outcome: Outcome;
}

export interface RestoreResult {
  app: string;
  addon: string;
  outcome: Outcome;
}

/** The verbs of one platform. Two of these for two platforms live side by side in one process. */
export interface Addons {
  readonly platform: Platform;
  /** Names of all apps, sorted. */
  apps(): Promise<string[]>;
  /** All installed and shipped add-ons. */
  addons(options?: CallOptions): Promise<AddonState[]>;
  /** What one app has. @throws `app-not-found` */
  list(app: string, options?: CallOptions): Promise<AppResources>;
  /** What every app has, in the order of the names. */
  listAll(options?: CallOptions): AsyncIterable<AppResources>;
  enable(addon: string, options?: CallOptions): Promise<EnableResult>;
  /** Refuses with `in-use` while an app uses it, unless `force` removes it from every app first. */
  disable(addon: string, options?: CallOptions & { force?: boolean }): Promise<DisableResult>;
  add(app: string, addon: string, options?: CallOptions): Promise<AddResult>;
  /** Destroys the resource. The caller has asked. */
  remove(app: string, addon: string, options?: CallOptions): Promise<RemoveResult>;
  /** Removes everything the app has. The caller has asked. */
  delete(app: string, options?: CallOptions): Promise<DeleteResult>;
  /** The URL, computed now. Secret. */
  url(app: string, addon: string, options?: CallOptions): Promise<string>;
  release(app: string, options?: CallOptions): Promise<ReleaseResult>;
  /** Releases every app; failures are collected, the rest goes on. */
  releaseAll(options?: CallOptions): AsyncIterable<ReleaseResult | { app: string; error: Error }>;
  /** The app's variables as they are in ENV now. Secret. */
  env(app: string): Promise<Map<string, string>>;
  info(addon: string): Promise<AddonInfo>;
  check(options?: CallOptions): Promise<CheckResult>;
  /** Writes the add-on's dump to a new file (atomic: whole or not at all) or an open descriptor. */
  dump(app: string, addon: string, to: { file: string } | { fd: number }, options?: CallOptions): Promise<DumpResult>;
  /** Overwrites the resource's data. The caller has asked. */
  restore(
    app: string,
    addon: string,
    from: { file: string } | { fd: number },
    options?: CallOptions,
  ): Promise<RestoreResult>;
  /** Lists what is held; frees the named key where its owner cannot be proven alive. */
  unlock(key?: string, options?: CallOptions): Promise<UnlockResult>;
}
