import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { takeOut } from '../scripts/outputs.ts';
import { runScript } from '../scripts/run.ts';
import { nonce } from '../state/nonce.ts';
import type { Trial } from './trial.ts';

/** Something that a Docker engine keeps. */
export interface Contained {
  kind: 'container' | 'volume' | 'network';
  name: string;
}

/** What the engine that the scripts see keeps for this trial: its labels, mounts or settings name the temporary home. */
export async function containers(trial: Trial): Promise<Contained[]> {
  const text = await askEngine(trial, INSPECT_ALL);
  if (!text.includes(trial.home)) return [];
  return parsed(text)
    .filter((one) => JSON.stringify(one).includes(trial.home))
    .map(described);
}

/** As far as it can be done. */
export async function removeContained(trial: Trial, found: readonly Contained[]): Promise<void> {
  for (const kind of ['container', 'network', 'volume'] as const) {
    const names = found.filter((one) => one.kind === kind).map(({ name }) => name);
    if (names.length === 0) continue;
    await askEngine(trial, `exec docker ${kind} rm ${kind === 'container' ? '-f ' : ''}"$@"`, names);
  }
}

const INSPECT_ALL = `
command -v docker >/dev/null || exit 0
all=$(docker ps -aq && docker volume ls -q && docker network ls -q) || exit 0
[ -z "$all" ] || docker inspect $all
`;

/** What the client says; '' where there is no client or no engine answers. */
async function askEngine({ scratch, addon, home }: Trial, program: string, args: readonly string[] = []) {
  const path = join(scratch, nonce());
  const [stdout, stderr] = [openSync(`${path}.out`, 'wx', 0o600), openSync('/dev/null', 'w')];
  try {
    await runScript({
      path: '/bin/sh',
      args: ['-c', program, 'sh', ...args],
      env: addon.environment(),
      cwd: home,
      stdout,
      stderr,
      timeout: PATIENCE,
    });
  } finally {
    closeSync(stdout);
    closeSync(stderr);
  }
  return takeOut(`${path}.out`, MOST).toString();
}

/** What the client had not written to its end when its time was over is no JSON. */
function parsed(text: string): unknown[] {
  try {
    return JSON.parse(text);
  } catch {
    return [];
  }
}

const PATIENCE = 20_000; // ms
const MOST = 64 * 1024 * 1024; // bytes

function described(one: unknown): Contained {
  // The three kinds are told by what only they have.
  const { Name = '', Config, Mountpoint }: { Name?: unknown; Config?: unknown; Mountpoint?: unknown } = Object(one);
  if (Config !== undefined) return { kind: 'container', name: String(Name).replace(/^\//, '') };
  return { kind: Mountpoint === undefined ? 'network' : 'volume', name: String(Name) };
}
