/** What went wrong, as a stable word. The CLI maps these to exit statuses; see `docs/cli.md`. */
export type ErrorCode =
  | 'usage' // a bad name, option or value
  | 'app-not-found'
  | 'addon-not-found'
  | 'resource-not-found' // the app has no line for this add-on
  | 'script-not-found' // missing or not executable
  | 'not-enabled'
  | 'in-use'
  | 'confirmation-needed'
  | 'conflict' // two add-ons of one variable, duplicate lines, an id that is already held
  | 'quarantined'
  | 'trigger-refused' // a plugin does not want it; nothing was changed
  | 'trigger-failed' // of a plugin, after what it is about was done
  | 'script-failed'
  | 'script-timeout'
  | 'script-output' // not the one line that the contract asks for
  | 'malformed' // an ADDONS, ENV, addon.toml or journal file that cannot be understood
  | 'release-failed'
  | 'disk-full'
  | 'read-only'
  | 'permission'
  | 'io'
  | 'busy'
  | 'aborted';

/** More of an error, as plain data for programs. Never holds a secret. */
export interface ErrorDetails {
  /** The script that failed, e.g. `provision`. */
  script?: string;
  app?: string;
  addon?: string;
  /** Operation id, to look the operation up in the journal. */
  operation?: string;
  /** What the script wrote to stderr: its end, redacted. */
  stderr?: string;
  /** Several failures behind one error, e.g. of a release. */
  failures?: AddonsError[];
}

export interface ErrorOptions {
  /** The next step, as one sentence. */
  hint?: string | undefined;
  details?: ErrorDetails | undefined;
  cause?: unknown;
}

/**
 * The one error this library throws.
 *
 * `code` is stable, `message` is one sentence for people, `hint` the next step, `cause` what lay below.
 *
 * @example
 * try { await platform.add('shop', 'db') } catch (error) { if (error.code === 'not-enabled') … }
 */
export class AddonsError extends Error {
  override readonly name = 'AddonsError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, { hint, details, cause }: ErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
    this.details = details ?? {};
  }
}

/** The code of a failed system call, such as `ENOENT`, or undefined. */
export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

const DISK: Record<string, [ErrorCode, string, string]> = {
  ENOSPC: ['disk-full', 'no space is left', 'Free some space and run the command again: nothing was lost.'],
  EDQUOT: ['disk-full', 'the disk quota is used up', 'Raise the quota and run the command again: nothing was lost.'],
  EROFS: ['read-only', 'the file system is read-only', 'Mount it writable and run the command again.'],
  EACCES: ['permission', 'permission denied', 'Run the command as the owner of that path, or give that user access.'],
  EIO: ['io', 'the disk failed', 'See what the kernel says of it (dmesg); run the command again once it works.'],
  EPERM: ['permission', 'operation not permitted', 'Run the command as the owner of that path.'],
};

/** A failed system call as an AddonsError that names the path and the next step. Others pass through unchanged. */
export function fromSystem(error: unknown, path: string): unknown {
  const code = systemCode(error);
  if (code === undefined || error instanceof AddonsError) return error;
  const [kind, why, hint] = DISK[code] ?? [
    'io',
    code,
    'Find out what is wrong with that path, then run the command again.',
  ];
  return new AddonsError(kind, `Cannot use ${path}: ${why}.`, { hint, cause: error });
}
