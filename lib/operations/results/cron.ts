/** A cron job of an add-on. */
export interface JobState {
  addon: string;
  job: string;
  /** Five fields as in crontab(5), or a nickname such as `@daily`. */
  schedule: string;
  command: string[];
  /** Seconds that it may run. */
  timeout: number;
  /** Whether its add-on is enabled, and so cron runs it. */
  enabled: boolean;
  /** Where what it writes goes. */
  log: string;
  /** Undefined: it has not run. */
  last?: LastRun;
}

export interface LastRun {
  /** ISO 8601. */
  begun: string;
  ended: string;
  /** Exit status, 128 + n where signal n ended it, 124 where its time was up. */
  status: number;
}

export interface JobEnd {
  addon: string;
  job: string;
  /** `left-out`: it ran already, or its add-on is being disabled. */
  outcome: 'ran' | 'left-out';
  /** As in `LastRun`. */
  status?: number;
  log: string;
}
