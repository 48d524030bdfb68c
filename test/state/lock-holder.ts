// A process that uses the lock: `lock-holder <what> <lock directory> <key> [argument…]`. Says on stdout where it is.
import fs, { appendFileSync, closeSync, openSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { withLock } from '../../lib/state/lock.ts';

const [what = '', directory = '', key = '', file = '', argument = ''] = process.argv.slice(2);
const owner = process.env.LOCK_OWNER ? JSON.parse(process.env.LOCK_OWNER) : undefined;
const say = (text: string) => writeFileSync(1, `${text}\n`);
const locked = <T>(work: () => T | Promise<T>) =>
  withLock(directory, key, { label: key, deadline: Date.now() + 20_000, owner }, work);

const programs: Record<string, () => Promise<unknown>> = {
  /** Adds to the number in a file, reading and writing it in two steps. */
  async count() {
    for (let i = 0; i < Number(argument); i++) {
      await locked(async () => {
        const before = Number(readFileSync(file, 'utf8'));
        await pause(1);
        writeFileSync(file, String(before + 1));
      });
    }
  },

  /** Goes in and out until it is killed, and says so if anybody alive is inside at the same time. */
  async comeAndGo() {
    for (;;) {
      await locked(async () => {
        const canary = `${file}.canary`;
        appendFileSync(file, `in ${process.pid}\n`);
        enter(canary);
        say('inside');
        await pause(Math.random() * 12);
        unlinkSync(canary);
        appendFileSync(file, `out ${process.pid}\n`);
      });
    }
  },

  /** Stays inside until its stdin ends. */
  hold: () =>
    locked(async () => {
      say('inside');
      for await (const _ of process.stdin);
    }),

  once: () => locked(() => say('inside')),

  /** Is held up for a second between making the lock's directory and signing it. */
  async stall() {
    const { openSync } = fs;
    fs.openSync = (path, flags, mode) => {
      if (flags === 'wx' && fs.openSync !== openSync) {
        fs.openSync = openSync;
        syncBuiltinESMExports();
        say('stalled');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
      }
      return openSync(path, flags, mode);
    };
    syncBuiltinESMExports();
    await locked(() => appendFileSync(file, 'inside'));
  },

  /** Ends inside, without ado. */
  exit: () => locked(() => process.exit(Number(file))),

  /** Used the lock, then waits for a signal. */
  async idle() {
    await locked(() => {});
    say('outside');
    await pause(20_000);
  },
};

function enter(canary: string) {
  try {
    closeSync(openSync(canary, 'wx'));
    writeFileSync(canary, String(process.pid));
  } catch {
    const other = Number(readFileSync(canary, 'utf8'));
    if (other && isRunning(other)) appendFileSync(file, `together ${process.pid} ${other}\n`);
    writeFileSync(canary, String(process.pid));
  }
}

function isRunning(pid: number) {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

try {
  await programs[what]?.();
} catch (error) {
  say(JSON.stringify(error));
  process.exitCode = 1;
}
