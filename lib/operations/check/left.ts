import type { Finding, FindingKind } from '../results.ts';

/** The finding with the reason why `--fix` leaves it, before what to do about it. */
export function leftBecause(finding: Finding): Finding {
  const why = WHY[finding.kind];
  return why === undefined ? finding : { ...finding, hint: [`Left: ${why}.`, finding.hint].filter(Boolean).join(' ') };
}

/** None for what the message itself says. */
const WHY: Record<FindingKind, string | undefined> = {
  quarantined: 'only a person can say whether its resource exists',
  interrupted: undefined,
  journal: 'it may be the only record of a resource',
  orphan: 'somebody may need its data',
  'missing-resource': 'its data is gone, and only a person can say from where it comes back',
  'line-without-addon': 'the add-on may come back',
  'addon-disabled': 'somebody may have disabled it on purpose',
  'duplicate-line': 'only a person can say which line is the right one',
  'duplicate-id': 'only a person can say whose it is',
  'malformed-line': 'it may hold the only record of a resource',
  drift: undefined,
  'stale-variable': 'something may still use it',
  'stale-name': undefined,
  trash: 'it may be the only record of a resource',
  'variable-clash': 'only a person can say which of the two is to go',
  'dangling-link': 'what it leads to may come back',
  'half-installed': undefined,
  crontab: undefined,
  'daemon-drift': undefined,
  'daemon-down': undefined,
  'script-missing': 'the add-on must be mended',
  'script-failed': 'the add-on or its server must be mended',
  mode: undefined,
  owner: 'only root can give a file to another user',
  unreadable: 'what stands there may be needed',
  'foreign-owner': 'its process may live on the other machine',
  processor: undefined,
  plugin: undefined,
};
