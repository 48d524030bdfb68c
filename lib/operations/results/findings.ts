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
  | 'stale-name'
  | 'trash'
  | 'variable-clash'
  | 'dangling-link'
  | 'half-installed'
  | 'crontab'
  | 'daemon-drift'
  | 'daemon-down'
  | 'script-missing'
  | 'script-failed'
  | 'mode'
  | 'owner'
  | 'unreadable'
  | 'foreign-owner'
  | 'processor'
  | 'plugin';

export interface CheckResult {
  /** What is wrong; after `fix`, what is left. */
  findings: Finding[];
  /** `fix`: what was repaired. In a dry run: what would be. */
  fixed: Finding[];
  /** How much was looked at. */
  apps: number;
  addons: number;
  operations: number;
}
