import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseAddonsFile } from '../../lib/app/addons-file.ts';
import { readEnv } from '../../lib/app/env-file.ts';
import { runningProcesses } from '../../lib/scripts/processes.ts';
import type { AdderJob } from './adder.ts';
import { readFacts } from './facts.ts';
import { brokenPromises, KEPT, verdict } from './oracle.ts';
import { bundle, installLedger, killIfThere, openWorkshop, scriptsBelow, type Workshop, type World } from './world.ts';

const ADDS = Number(process.env.CRASH_ADDS ?? 1000);
const PROCESSES = 8;
const ADDONS = Array.from({ length: 8 }, (_, index) => `store-${index}`);

let workshop: Workshop;
let adder: string;
beforeAll(async () => {
  workshop = await openWorkshop();
  adder = await bundle(join(workshop.directory(), 'bin', 'program'), 'adder.ts');
});
afterAll(() => workshop.remove());

it(`${ADDS} adds by ${PROCESSES} processes that are killed all the time: none is lost, none is doubled`, {
  timeout: 600_000,
}, async () => {
  const { world, pairs } = await crowdedWorld();
  const began = performance.now();
  const adders = new Set<ChildProcess>();
  const failures: string[] = [];
  let kills = 0;
  let done = false;

  const keepAdding = async (turn: number) => {
    // Two have the same work and start from its two ends.
    const half = pairs.filter((_, index) => index % (PROCESSES / 2) === turn % (PROCESSES / 2));
    const mine = turn < PROCESSES / 2 ? half : half.reverse();
    for (;;) {
      const { signal, code, stderr } = await oneAdder({ platform: world.paths, pairs: mine }, adders);
      if (signal === 'SIGKILL') continue;
      if (code !== 0) failures.push(stderr);
      return;
    }
  };
  const killing = (async () => {
    for (; !done; await delay(200 + Math.random() * 500)) {
      const victims = [...adders];
      victims[Math.floor(Math.random() * victims.length)]?.kill('SIGKILL');
      if (Math.random() < 0.3) killAScriptOf(world);
      kills += 1;
    }
  })();
  const reading = (async () => {
    let reads = 0;
    for (; !done; await delay(50)) {
      failures.push(...halfWritten(world, pairs));
      reads += 1;
    }
    return reads;
  })();

  await Promise.all(Array.from({ length: PROCESSES }, (_, turn) => keepAdding(turn)));
  done = true;
  await killing;
  expect(await reading).toBeGreaterThan(10);
  const seconds = (performance.now() - began) / 1000;
  console.info(`${ADDS} adds, ${kills} kills: ${seconds.toFixed(1)} s, ${(ADDS / seconds).toFixed(0)} a second`);

  expect(failures).toEqual([]);
  expect(brokenPromises(world, ADDONS)).toEqual([]);
  for (const [app] of pairs.filter(([, addon]) => addon === ADDONS[0])) await world.prepare([['release', app]]);
  const { ledger, lines, entries } = readFacts(world, ADDONS);
  expect([ledger.size, lines.length, entries]).toEqual([pairs.length, pairs.length, []]);
  expect(new Set(lines.map(({ id }) => id)).size).toBe(pairs.length);
  expect(await verdict(world)).toMatchObject({ leftovers: KEPT.leftovers, found: KEPT.found });
});

async function crowdedWorld(): Promise<{ world: World; pairs: AdderJob['pairs'] }> {
  const world = workshop.makeWorld();
  const { platform } = world.platform;
  const apps = Array.from({ length: Math.ceil(ADDS / ADDONS.length) }, (_, index) => `app-${index}`);
  for (const app of apps) mkdirSync(platform.appDir(app));
  for (const addon of ADDONS) {
    installLedger(platform, addon, true);
    await world.prepare([['enable', addon]]);
  }
  return { world, pairs: apps.flatMap((app) => ADDONS.map((addon): [string, string] => [app, addon])) };
}

function oneAdder(job: AdderJob, adders: Set<ChildProcess>) {
  const child = spawn(process.execPath, [adder, JSON.stringify(job)], {
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  adders.add(child);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise<{ code: number | null; signal: string | null; stderr: string }>((resolve) => {
    child.on('close', (code, signal) => {
      adders.delete(child);
      resolve({ code, signal, stderr });
    });
  });
}

/** One script with its wrapper and all of its group. */
function killAScriptOf(world: World) {
  const scripts = scriptsBelow(world.home);
  const victim = scripts[Math.floor(Math.random() * scripts.length)];
  const group = runningProcesses()?.find(({ pid }) => pid === victim)?.group;
  if (group !== undefined) killIfThere(-group);
}

function halfWritten({ platform: { platform } }: World, pairs: AdderJob['pairs']): string[] {
  return [...new Set(pairs.map(([app]) => app))].flatMap((app) => {
    const addons = read(join(platform.appDir(app), 'ADDONS'));
    const env = read(join(platform.appDir(app), 'ENV'));
    const { malformed, duplicates, resources } = parseAddonsFile(addons);
    const secrets = resources.every(({ id, private: secret }) => id.startsWith(secret.replace('secret-', 'r-')));
    const whole = [addons, env].every((bytes) => bytes.length === 0 || bytes[bytes.length - 1] === 0x0a);
    const values = [...readEnv(env).values()].every((url) => url.startsWith('ledger://r-'));
    if (malformed.length + duplicates.length === 0 && secrets && whole && values) return [];
    return [`${app} was half-written:\n${addons}\n${env}`];
  });
}

const read = (path: string) => (existsSync(path) ? readFileSync(path) : Buffer.alloc(0));
