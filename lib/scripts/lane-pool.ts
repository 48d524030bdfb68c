import { laneKind } from './lane-setting.ts';
import { type LaneShell, type LaneShellOptions, openLaneShell } from './lane-shell.ts';
import type { UrlJob } from './url-job.ts';

/** The lanes that wait for work, and those at work. */
export interface LanePool {
  /** Whether an idle lane ran this script last. */
  isReadyFor(job: UrlJob): boolean;
  /** An idle lane for such a job, or a new one. */
  take(job: UrlJob): LaneShell;
  /** Ready for the next job of its kind. */
  giveBack(job: UrlJob, lane: LaneShell): void;
  /** Ends every lane and resolves when all are gone. */
  close(): Promise<void>;
}

/** Idle lanes are kept, up to 32, and set up for another add-on where that can be done safely. */
export function openLanePool(options: LaneShellOptions): LanePool {
  const all = new Set<LaneShell>();
  /** Least recently used first. */
  const idle: { kind: string; lane: LaneShell }[] = [];

  const forget = (lane: LaneShell) => {
    all.delete(lane);
    const at = idle.findIndex((one) => one.lane === lane);
    if (at >= 0) idle.splice(at, 1);
  };

  const readyFor = (job: UrlJob, kind = laneKind(job.env)) =>
    idle.findLastIndex((one) => one.kind === kind && one.lane.script === job.script);

  return {
    isReadyFor: (job) => readyFor(job) >= 0,
    take(job) {
      const kind = laneKind(job.env);
      const same = readyFor(job, kind);
      const at = same >= 0 ? same : idle.findLastIndex((one) => one.kind === kind);
      const [found] = at < 0 ? [] : idle.splice(at, 1);
      if (found) return found.lane;
      const lane = openLaneShell(options, job, forget);
      all.add(lane);
      return lane;
    },
    giveBack(job, lane) {
      if (!all.has(lane)) return;
      idle.push({ kind: laneKind(job.env), lane });
      if (idle.length > IDLE_AT_MOST) void idle.shift()?.lane.end();
    },
    async close() {
      await Promise.all([...all].map((lane) => lane.end()));
    },
  };
}

const IDLE_AT_MOST = 32;
