import type { Platform } from '../../platform.ts';
import type { CallOptions } from './calls.ts';
import type {
  AddOptions,
  AddResult,
  AdoptOptions,
  AdoptResult,
  CloneResult,
  DeleteResult,
  DisableResult,
  DumpResult,
  EnableResult,
  InstallOptions,
  InstallResult,
  ReleaseResult,
  RemoveOptions,
  RemoveResult,
  RenameResult,
  RestoreResult,
  RotateResult,
  UninstallOptions,
  UninstallResult,
} from './changes.ts';
import type { JobEnd, JobState } from './cron.ts';
import type { ControlResult, DaemonControl, DaemonLogLine, DaemonLogOptions, DaemonState } from './daemons.ts';
import type { CheckResult } from './findings.ts';
import type { Change, ChangeEnd, Manifest, ManifestPlan } from './manifest.ts';
import type {
  BuildResult,
  CleanResult,
  ConfigResult,
  DevelopResult,
  PackOptions,
  PackResult,
  SwapResult,
  SyncEnd,
  WatchEnd,
} from './packages.ts';
import type {
  EmptyEnd,
  EmptyOptions,
  OperationReport,
  Resolution,
  ResolveResult,
  TrashItem,
  UndoResult,
} from './repairs.ts';
import type {
  AddonConfig,
  AddonEnvironment,
  AddonInfo,
  AddonState,
  AppResources,
  Execution,
  ExecutionsAbout,
  LogAbout,
  LogEntry,
  PackageInfo,
  ProcessorsResult,
  StatusResult,
  UnlockResult,
} from './seen.ts';

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
  /**
   * Puts an add-on in its place, whole or not at all. The source is one that comes with this package, a directory or a package:
   * a word without a `/` is looked up among the former first. With `force` another version is replaced, in one step.
   */
  install(source: string, options?: CallOptions & InstallOptions): Promise<InstallResult>;
  /** Takes an add-on that is disabled and that nothing uses out of the add-ons directory. */
  uninstall(addon: string, options?: CallOptions & UninstallOptions): Promise<UninstallResult>;
  /** Installs every package of `/etc/x/add-ons.d`, in place of other content. Failures are collected. */
  sync(options?: CallOptions): AsyncIterable<SyncEnd>;
  /** Puts another version of an enabled add-on in force while it is used, its daemons beside the old ones until they are healthy. */
  swap(source: string, options?: CallOptions & { as?: string | undefined }): Promise<SwapResult>;
  /** Makes the place of an add-on a link to a developer's directory, once that is built and sound. */
  develop(directory: string, options?: CallOptions & { as?: string | undefined }): Promise<DevelopResult>;
  /** Builds and examines the directory after each change, until the signal. */
  watch(directory: string, options?: CallOptions): AsyncIterable<WatchEnd>;
  /** Builds the dependencies of an add-on's directory as they are frozen, and what its `build` hook makes. */
  build(directory: string, options?: CallOptions): Promise<BuildResult>;
  /** Removes what `build` made, with `deps` also the frozen versions. */
  clean(directory: string, options?: CallOptions & { deps?: boolean | undefined }): Promise<CleanResult>;
  /** Builds an add-on's directory and packs it into one file. */
  pack(directory: string, options?: CallOptions & PackOptions): Promise<PackResult>;
  /** Packs an installed add-on, by its name here and with the values that it has here. */
  repack(addon: string, options?: CallOptions & PackOptions): Promise<PackResult>;
  /** The configuration in force, each value with the file that it is from. */
  config(addon: string): Promise<AddonConfig>;
  /** The operator's file, as it is or would be made. Secret. */
  configText(addon: string): Promise<string>;
  /** Replaces the operator's file, `seen` being its text before. @throws `malformed` for what the add-on does not take */
  configure(addon: string, text: string, seen: string, options?: CallOptions): Promise<ConfigResult>;
  /** What the scripts of an installed add-on see. Secret. */
  environment(addon: string, options?: CallOptions): Promise<AddonEnvironment>;
  /** Has those daemons run, and no others, for which an add-on's directories say so. What its scripts call. */
  tendDaemons(addon: string, options?: CallOptions): Promise<void>;
  /** The cron jobs of one installed add-on, or of all. */
  cron(addon?: string): Promise<JobState[]>;
  /** Runs a cron job of an enabled add-on as cron would, to its end. Its output goes to its log. @throws `not-enabled` */
  runJob(addon: string, job: string, options?: CallOptions): Promise<JobEnd>;
  /** What a package says of itself; all of it is verified. */
  packageInfo(file: string): Promise<PackageInfo>;
  /** Every instance of every daemon of one add-on, or of all. */
  daemons(addon?: string, options?: CallOptions): Promise<DaemonState[]>;
  /** Starts, ends or restarts the daemons of an enabled add-on. */
  controlDaemons(addon: string, what: DaemonControl, options?: CallOptions): Promise<ControlResult>;
  /** What the daemons of an add-on wrote; `follow` waits for more until the signal. It may hold secrets of theirs. */
  logs(addon: string, options?: CallOptions & DaemonLogOptions): AsyncIterable<DaemonLogLine>;
  /** With `again` the script is run though the add-on is enabled, on a new machine for example. */
  enable(addon: string, options?: CallOptions & { again?: boolean | undefined }): Promise<EnableResult>;
  /** Refuses with `in-use` while an app uses it, unless `force` removes it from every app first. */
  disable(addon: string, options?: CallOptions & { force?: boolean }): Promise<DisableResult>;
  add(app: string, addon: string, options?: CallOptions & AddOptions): Promise<AddResult>;
  /** Destroys the resource, unless the options or its mark say otherwise. The caller has asked. */
  remove(app: string, addon: string, options?: CallOptions & RemoveOptions): Promise<RemoveResult>;
  /** Gives the resource a new secret; the app gets it at its next release. */
  rotate(app: string, addon: string, options?: CallOptions): Promise<RotateResult>;
  /** Gives the app a line for a resource that exists already; without `private` only where it has that line. */
  adopt(
    app: string,
    addon: string,
    resource: { id: string; private?: string | undefined },
    options?: CallOptions & AdoptOptions,
  ): Promise<AdoptResult>;
  /** Renames the app's directory; where both exist, moves the lines. */
  rename(app: string, to: string, options?: CallOptions): Promise<RenameResult>;
  /** Gives the app `to` resources of its own for all that `app` has, with `withData` also the data. */
  clone(app: string, to: string, options?: CallOptions & { withData?: boolean | undefined }): Promise<CloneResult>;
  /** What `remove` with `keepFor` put aside, oldest first. */
  trash(options?: CallOptions): Promise<TrashItem[]>;
  /** Unprovisions what is in the trash, with `expired` only what is due. Failures are collected. */
  emptyTrash(options?: CallOptions & EmptyOptions): AsyncIterable<EmptyEnd>;
  /** Gives the app back the line that `remove` with `keepFor` took. */
  undo(app: string, addon: string, options?: CallOptions): Promise<UndoResult>;
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
  /** Everything that is wrong; with `fix` the safe repairs are made first. */
  check(options?: CallOptions & { fix?: boolean | undefined }): Promise<CheckResult>;
  /** One app's or every app's state at a glance, with `health` also what the add-ons say. */
  status(app?: string, options?: CallOptions & { health?: boolean | undefined }): Promise<StatusResult>;
  /** What the journal holds of an operation. @throws `resource-not-found` */
  inspect(operation: string): Promise<OperationReport>;
  /** Settles an operation that needs a person. The caller has asked. */
  resolve(operation: string, how: Resolution, options?: CallOptions): Promise<ResolveResult>;
  /** What `apply` would do. Changes nothing. */
  plan(manifest: Manifest, options?: CallOptions): Promise<ManifestPlan>;
  /** Does the changes, each its own operation; stops at the first failure of an app and goes on with the others. */
  apply(changes: readonly Change[], options?: CallOptions & { keepFor?: number | undefined }): AsyncIterable<ChangeEnd>;
  /** The manifest of what is, for these apps or all. */
  export(apps?: readonly string[]): Promise<Manifest>;
  /** The operations log, oldest first; `last`: only the newest ones; `follow` waits for more until the signal. */
  log(
    about?: LogAbout,
    options?: CallOptions & { follow?: boolean | undefined; last?: number | undefined },
  ): AsyncIterable<LogEntry>;
  /** What the scripts did, oldest first: the last 100 runs of each add-on, redacted. */
  executions(about?: ExecutionsAbout): Promise<Execution[]>;
  /** Where executions go: the processors that there are, and whose they are. */
  processors(): Promise<ProcessorsResult>;
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
