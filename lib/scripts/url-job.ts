/** One run of a `url` script. */
export interface UrlJob {
  addon: string;
  /** Whose resource it is. */
  app: string;
  /** Absolute path. */
  script: string;
  cwd: string;
  /** The whole environment; one object for each add-on, never changed afterwards. */
  env: Record<string, string>;
  id: string;
  private: string;
  /** Milliseconds from the script's start; kept to a tenth of a second. */
  timeout: number;
}

/** What came of it. A script that fails is a result, too. */
export interface JobResult {
  /** Milliseconds since 1970. */
  started: number;
  finished: number;
  /** As a shell says it: 128 + the signal's number, 127, 126. Null when the run was killed together with its lane. */
  status: number | null;
  /** At most 64 KiB and one byte. */
  out: Buffer;
  /** The last 16 KiB; empty with `trace`. */
  err: Buffer;
  timedOut: boolean;
  aborted: boolean;
  /** Stdout grew beyond 64 KiB: the run was killed if it was not over. */
  tooLong: boolean;
}
