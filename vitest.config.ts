import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

// Node would read them at each of its many starts, which triples what a start costs; no test talks to anybody outside.
delete process.env.NODE_EXTRA_CA_CERTS;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/servers/engine/global-setup.ts'],
    sequence: { sequencer: LongestFirst },
    maxWorkers: availableParallelism(), // more of them keep each other from ending in time
    retry: process.env.CI ? 1 : 0, // .ci/run tells of each that needed it
    chaiConfig: { truncateThreshold: 2000 },
    testTimeout: 240_000, // a busy machine is no reason to fail
    hookTimeout: 240_000,
    expect: { poll: { timeout: 30_000 } },
    coverage: {
      include: ['lib/state/**', 'lib/operations/**'],
      reporter: ['text-summary', 'text'],
    },
  },
});
