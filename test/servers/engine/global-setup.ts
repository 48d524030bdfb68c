import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { imageNames } from '../images/image.ts';
import { load } from '../images/load.ts';
import { type Dockerd, removeDockerd, removeRemains, startDockerd } from './dockerd.ts';

/** What a test file is told when it asks for the shared engine, or for an image in it. */
export type Answer = { host: string; prefix: string; tag?: string } | { error: string };

declare module 'vitest' {
  interface ProvidedContext {
    /** Directory of this run for engines and images. On its socket `ask`, `GET /engine` starts the shared one. */
    engines: string;
  }
}

/**
 * The engine that all test files of a run share lives in the process that starts them, and is started when the first of
 * them asks: a run without a Docker test has none, two files that ask at once get one, and no lock is needed.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  await removeKilledRuns();
  const directory = mkdtempSync(join(tmpdir(), PREFIX));
  let shared: Promise<Dockerd> | undefined;
  const images = new Map<string, Promise<string>>();

  /** `/engine`, or `/redis/own`. */
  async function answer(path: string): Promise<Answer> {
    shared ??= startDockerd(join(directory, 'shared'));
    const { host, bridge } = await shared;
    const told = { host, prefix: bridge.prefix };
    const [, name, version] = path.split('/');
    const image = imageNames.find((known) => known === name);
    if (image === undefined) return told;
    const loading =
      images.get(path) ?? load(host, image, version === 'next' ? 'next' : 'own', join(directory, 'images'));
    images.set(path, loading);
    return { ...told, tag: await loading };
  }

  const server = createServer((request, response) => {
    const answered = answer(request.url ?? '').catch((error: unknown): Answer => ({ error: String(error) }));
    answered.then((told) => response.end(JSON.stringify(told)));
  });
  await new Promise<void>((resolve) => server.listen(join(directory, 'ask'), resolve));
  project.provide('engines', directory);

  return async () => {
    server.close();
    const dockerd = await shared?.catch(() => undefined);
    if (dockerd !== undefined) await removeDockerd(dockerd);
    // Those of test files that did not come to their end.
    await removeEngines(directory);
  };
}

const PREFIX = 'addons-engines-';

/** A run that was killed removes nothing: the next one does it. Its socket tells, for nobody listens there any more. */
async function removeKilledRuns(): Promise<void> {
  const mine = (path: string) => statSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.();
  const runs = readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX));
  for (const run of runs.map((name) => join(tmpdir(), name)).filter(mine)) {
    if (!(await refuses(join(run, 'ask')))) continue;
    // Another run that starts now may be removing it, too.
    await removeEngines(run).catch(() => undefined);
  }
}

async function removeEngines(run: string): Promise<void> {
  const engines = readdirSync(run).filter((name) => name === 'shared' || name.startsWith('own-'));
  for (const name of engines) await removeRemains(join(run, name));
  rmSync(run, { recursive: true, force: true });
}

const refuses = (socket: string) =>
  new Promise<boolean>((resolve) => {
    const asked = connect(socket);
    // A run that is just starting has no socket yet.
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
    asked.on('connect', () => {
      asked.destroy();
      resolve(false);
    });
  });
