import type { AddonsError, ErrorCode } from '../errors.ts';

/** The word typed is no command and no app. */
export const UNKNOWN_COMMAND = 127;
/** A signal ended the command. */
export const INTERRUPTED = 130;

/** Exit status of each error code; 0 is done or already so. The table is repeated in `docs/cli.md`. */
export const EXIT_STATUS: Record<ErrorCode, number> = {
  usage: 2,
  'app-not-found': 3,
  'addon-not-found': 3,
  'resource-not-found': 3,
  'not-enabled': 4,
  'in-use': 4,
  'confirmation-needed': 4,
  conflict: 4,
  quarantined: 4,
  'trigger-refused': 4,
  'trigger-failed': 1,
  'script-not-found': 1,
  'script-failed': 1,
  'script-timeout': 1,
  'script-output': 1,
  malformed: 1,
  'release-failed': 1,
  'disk-full': 1,
  'read-only': 1,
  permission: 1,
  io: 1,
  busy: 75,
  aborted: INTERRUPTED,
};

/** The error that decides the exit status of several operations: the one that trying again helps least. */
export function worst(errors: readonly AddonsError[]): AddonsError | undefined {
  const rank = (error: AddonsError) => WORST_FIRST.indexOf(EXIT_STATUS[error.code]);
  return [...errors].sort((a, b) => rank(a) - rank(b))[0];
}

const WORST_FIRST = [INTERRUPTED, 1, 4, 3, 2, 75];
