import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Begins with the files that take minutes, and mixes those that wait for servers with those that keep a processor busy. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = (await super.sort(files)).map((file) => ({ file, rank: rankOf(file.moduleId) }));
    sorted.sort((a, b) => a.rank - b.rank);
    const waiting = sorted.filter(({ file }) => WAITING.test(file.moduleId));
    const busy = sorted.filter(({ file }) => !WAITING.test(file.moduleId));
    const most = Math.max(waiting.length, busy.length);
    return Array.from({ length: most }, (_, at) => [waiting[at], busy[at]])
      .flat()
      .flatMap((one) => one?.file ?? []);
  }
}

const WAITING = /\/test\/(kit|servers)\//;

/** Longest first. */
const LONG = [
  /kit\/shipped-docker/,
  /kit\/shipped-host/,
  /servers\/.*-docker/,
  /crash\/(kill|races|concurrent|failing)/,
  /model\/(everyday|protocol)/,
  /servers\//,
  /(pack|crash|completion|dokku)\//,
  /kit\//,
];

function rankOf(path: string): number {
  const rank = LONG.findIndex((pattern) => pattern.test(path));
  return rank < 0 ? LONG.length : rank;
}
