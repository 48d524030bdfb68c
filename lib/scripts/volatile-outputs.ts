import { mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { nonce } from '../state/nonce.ts';
import { isDead, pidNamespace } from './outputs.ts';

/** Where the output files of one call lie. */
export interface VolatileOutputs {
  directory: string;
  /** Call it when the scripts have ended. */
  remove(): void;
}

/**
 * A private directory in memory for what `url` scripts print, so that no URL touches a disk and no journal of a file
 * system slows a thousand of them down. Where there is no memory file system with room: `fallback`.
 */
export function openVolatileOutputs(fallback: string, memory = '/dev/shm'): VolatileOutputs {
  const directory = join(memory, `addons-outputs.${process.pid}-${pidNamespace()}.${nonce()}`);
  try {
    const { type, bsize, bavail } = statfsSync(memory);
    if (type !== TMPFS || bsize * bavail < ROOM) return { directory: fallback, remove: () => {} };
    sweep(memory);
    mkdirSync(directory, { mode: 0o700 }); // fails where somebody put something of that name: everyone may write there
  } catch {
    return { directory: fallback, remove: () => {} };
  }
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

const TMPFS = 0x01021994;
const ROOM = 8 * 1024 * 1024; // bytes
const NAME = /^addons-outputs\.(\d+)-(\d+)\.[0-9a-f]+$/;

/** What a killed process left. Another user's cannot be removed, another namespace's is left alone. */
function sweep(memory: string): void {
  for (const name of readdirSync(memory)) {
    const [, pid, namespace] = NAME.exec(name) ?? [];
    if (namespace !== pidNamespace() || !isDead(Number(pid))) continue;
    try {
      rmSync(join(memory, name), { recursive: true, force: true });
    } catch {
      // that user's next run does it
    }
  }
}
