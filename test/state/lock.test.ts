import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { build } from 'esbuild';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { breakLock, type LockOptions, withLock } from '../../lib/state/lock.ts';
import { heldLocks } from '../../lib/state/lock-owners.ts';
import { currentProcess, type ProcessIdentity } from '../../lib/state/process-identity.ts';

const isRoot = process.geteuid?.() === 0;
const NOBODY = { uid: 65534, gid: 65534 };
const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const LONG_AGO = new Date(Date.now() - 3_600_000);

let home = '';
let program = '';
const children = new Set<ChildProcess>();

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'lock-'));
  chmodSync(home, 0o755);
  program = join(home, 'lock-holder.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'lock-holder.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: program,
    logLevel: 'error',
    banner: { js: "import{createRequire as c}from'node:module';const require=c(import.meta.url);" },
  });
});

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

describe('many processes', () => {
  it('go in one after another', async () => {
    const { locks, file } = place();
    writeFileSync(file, '0');
    await Promise.all(Array.from({ length: 8 }, () => ended(start(['count', locks, 'shop', file, '25']))));
    expect(readFileSync(file, 'utf8')).toBe('200');
    expect(readdirSync(locks)).toEqual([]);
  });

  it('that all find a stale lock of a dead process never enter together', async () => {
    const { locks, file } = place();
    writeFileSync(file, '0');
    for (let round = 1; round <= 3; round++) {
      await ended(start(['exit', locks, 'shop', '0']));
      utimesSync(join(locks, 'shop.lock'), LONG_AGO, LONG_AGO);
      await Promise.all(Array.from({ length: 8 }, () => ended(start(['count', locks, 'shop', file, '1']))));
      expect(readFileSync(file, 'utf8')).toBe(String(round * 8));
    }
  });

  it('go on within a second when a holder is killed, and never two are inside', async () => {
    const { locks, file } = place();
    const killed: number[] = [];
    const waits: number[] = [];
    const entered: ((child: ChildProcess) => void)[] = [];
    const running = new Set<ChildProcess>();
    const launch = () => {
      const child = start(['comeAndGo', locks, 'shop', file]);
      running.add(child);
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', () => {
        for (const tell of entered.splice(0)) tell(child);
      });
    };
    const nextInside = () => new Promise<ChildProcess>((resolve) => entered.push(resolve));

    for (let i = 0; i < 6; i++) launch();
    for (let i = 0; i < 12; i++) {
      await pause(Math.random() * 40);
      const victim = await nextInside();
      const next = nextInside();
      victim.kill('SIGKILL');
      const at = performance.now();
      killed.push(victim.pid ?? 0);
      running.delete(victim);
      await next;
      waits.push(performance.now() - at);
      launch();
    }
    await Promise.all([...running].map((child) => stop(child)));

    const log = readFileSync(file, 'utf8').trim().split('\n');
    const diedInside = log.filter((line, i) => line.startsWith('in') && log[i + 1]?.startsWith('in')).length;
    expect(overlaps(log)).toEqual([]);
    expect(diedInside).toBeGreaterThan(5);
    expect(Math.max(...waits)).toBeLessThan(5000); // with a limit of age alone it would be ten seconds
    expect(new Set(killed).size).toBe(12);
  });
});

describe('a lock', () => {
  it('is held while the work runs and is gone afterwards', async () => {
    const { locks } = place();
    const result = await lock(locks, async () => {
      const [held] = heldLocks(locks);
      expect(held).toMatchObject({
        key: 'shop',
        state: 'alive',
        owner: { ...currentProcess(), since: held?.owner.since },
      });
      expect(Math.abs(Date.parse(held?.owner.since ?? '') - Date.now())).toBeLessThan(20_000);
      const [name = ''] = readdirSync(join(locks, 'shop.lock'));
      const { boot, pid, start } = currentProcess();
      expect(name.startsWith(`o-${boot}-${pid}-${start}-`)).toBe(true);
      return 17;
    });
    expect(result).toBe(17);
    expect(readdirSync(locks)).toEqual([]);
  });

  it('is freed when the work fails, whose error is handed on', async () => {
    const { locks } = place();
    await expect(lock(locks, () => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
    expect(await lock(locks, () => 'again')).toBe('again');
  });

  it('lets fifty calls of one process in, one after another', async () => {
    const { locks } = place();
    let inside = 0;
    let most = 0;
    const calls = Array.from({ length: 50 }, () =>
      lock(locks, async () => {
        most = Math.max(most, ++inside);
        await pause(1);
        inside--;
      }),
    );
    await Promise.all(calls);
    expect(most).toBe(1);
    expect(readdirSync(locks)).toEqual([]);
  });

  it('of one key or directory does not meet those of another', async () => {
    const [one, two] = [place().locks, place().locks];
    const seen = await lock(one, () =>
      lock(two, () => withLock(one, 'blog', now('blog'), () => heldLocks(one).length)),
    );
    expect(seen).toBe(2);
  });

  it('is private whatever the umask', async () => {
    for (const umask of ['000', '077', '0777']) {
      const { locks } = place();
      const holder = start(['hold', locks, 'shop'], { through: ['sh', '-c', `umask ${umask}; exec "$0" "$@"`] });
      await firstLine(holder);
      const [name = ''] = readdirSync(join(locks, 'shop.lock'));
      expect(mode(locks)).toBe('700');
      expect(mode(join(locks, 'shop.lock'))).toBe('700');
      expect(Number.parseInt(mode(join(locks, 'shop.lock', name)), 8) & 0o177).toBe(0);
      await stop(holder);
    }
  });

  it('needs a name that can be a file', async () => {
    const { locks } = place();
    for (const key of ['', 'a/b', '../../etc', 'a\0b', 'x'.repeat(300)]) {
      await expect(withLock(locks, key, now(), () => {})).rejects.toMatchObject({ code: 'usage' });
      expect(() => breakLock(locks, key)).toThrow(expect.objectContaining({ code: 'usage' }));
    }
  });
});

describe.concurrent('a holder', () => {
  it('that is stopped for long is not robbed', async () => {
    const { locks } = place();
    const holder = start(['hold', locks, 'shop']);
    await firstLine(holder);
    holder.kill('SIGSTOP');
    const began = Date.now();
    const error = await lock(locks, () => 'robbed', { deadline: began + 4200 }).catch((e) => e);
    expect(error).toMatchObject({ code: 'busy' });
    expect(Date.now() - began).toBeGreaterThanOrEqual(4100);
    expect(heldLocks(locks)).toMatchObject([{ owner: { pid: holder.pid }, state: 'alive' }]);
    holder.kill('SIGCONT');
    holder.stdin?.end();
    expect(await ended(holder)).toBe(0);
    expect(await lock(locks, () => 'mine')).toBe('mine');
  });

  it('that died before it could sign leaves an empty directory, which is taken within a second', async () => {
    const { locks } = place();
    mkdirSync(join(locks, 'shop.lock'), { recursive: true });
    // Not at once: it may just have been made by somebody alive.
    await expect(lock(locks, () => 'robbed', { deadline: 0 })).rejects.toMatchObject({ code: 'busy' });
    expect(await lock(locks, () => 'mine', { deadline: Date.now() + 1000 })).toBe('mine');
  });

  it('is not joined by one who was held up before signing', async () => {
    const { locks, file } = place();
    const late = start(['stall', locks, 'shop', file]);
    expect(await firstLine(late)).toBe('stalled');
    await lock(locks, async () => {
      await pause(1200);
      expect(existsSync(file)).toBe(false);
      expect(heldLocks(locks)).toMatchObject([{ owner: { pid: process.pid }, state: 'alive' }]);
    });
    expect(await ended(late)).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('inside');
    expect(readdirSync(locks)).toEqual([]);
  });

  it('keeps its lock when the clock is set, and leaves nothing behind', async () => {
    const { locks } = place();
    await lock(locks, async () => {
      utimesSync(join(locks, 'shop.lock'), LONG_AGO, LONG_AGO);
      await expect(lock(locks, () => 'robbed', { deadline: Date.now() + 1300 })).rejects.toMatchObject({
        code: 'busy',
      });
    });
    expect(readdirSync(locks)).toEqual([]);
  });

  it('of an earlier boot, or whose number was given out again, is dead', async () => {
    for (const difference of [{ boot: '0f0e0d0c-0000-4000-8000-000000000000' }, { start: '1' }]) {
      const { locks } = place();
      const owner = { ...currentProcess(), ...difference };
      leaveOwner(locks, owner);
      expect(heldLocks(locks)).toEqual([{ key: 'shop', owner, state: 'dead' }]);
      expect(await lock(locks, () => 'mine', { deadline: 0 })).toBe('mine');
    }
  });

  it('that ends inside keeps its exit status, and the next one enters at once', async () => {
    const { locks } = place();
    expect(await ended(start(['exit', locks, 'shop', '7']))).toBe(7);
    expect(heldLocks(locks)).toMatchObject([{ state: 'dead' }]);
    expect(await lock(locks, () => 'mine', { deadline: 0 })).toBe('mine');
  });

  it('that is done does not linger, and dies of the signals it gets', async () => {
    const { locks } = place();
    const lingered: number[] = [];
    for (let i = 0; i < 5; i++) {
      const done = start(['once', locks, 'shop']);
      await firstLine(done);
      const began = Date.now();
      expect(await ended(done)).toBe(0);
      lingered.push(Date.now() - began);
    }
    // The update timer would keep each for a second.
    expect(Math.min(...lingered)).toBeLessThan(800);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      const idle = start(['idle', locks, 'shop']);
      await firstLine(idle);
      idle.kill(signal);
      expect(await ended(idle)).toBe(signal);
    }
  });
});

describe('waiting', () => {
  it('ends at the deadline with who is at work and since when', async () => {
    const { locks } = place();
    const holder = start(['hold', locks, 'shop']);
    await firstLine(holder);
    const [held] = heldLocks(locks);
    const told: (ProcessIdentity | undefined)[] = [];
    const began = Date.now();
    const options = {
      label: 'the app shop',
      deadline: began + 700,
      onWaiting: (who?: ProcessIdentity) => told.push(who),
    };
    const error = await lock(locks, () => {}, options).catch((e) => e);
    expect(error).toMatchObject({
      code: 'busy',
      message: `Another process is at work on the app shop (pid ${holder.pid}, since ${held?.owner.since}).`,
      hint: expect.stringContaining('--wait'),
    });
    expect(Date.now() - began).toBeGreaterThanOrEqual(690);
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(told).toEqual([held?.owner]);
    await stop(holder);
  });

  it('is not told when it is short', async () => {
    const { locks } = place();
    const told: unknown[] = [];
    const first = lock(locks, () => pause(50));
    await lock(locks, () => {}, { onWaiting: (who) => told.push(who) });
    await first;
    expect(told).toEqual([]);
  });

  it('tries once when the deadline has passed already', async () => {
    const { locks } = place();
    expect(await lock(locks, () => 'mine', { deadline: 0 })).toBe('mine');
    await lock(locks, async () => {
      await expect(lock(locks, () => 'two', { deadline: 0 })).rejects.toMatchObject({ code: 'busy' });
    });
  });

  it('can be aborted, and leaves the holder alone', async () => {
    const { locks } = place();
    await lock(locks, async () => {
      const began = Date.now();
      const signal = AbortSignal.timeout(100);
      const error = await lock(locks, () => 'two', { signal }).catch((e) => e);
      expect(error).toMatchObject({ code: 'aborted', cause: { name: 'TimeoutError' } });
      expect(Date.now() - began).toBeLessThan(10_000);
      await expect(lock(locks, () => 'two', { signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: 'aborted',
      });
      expect(heldLocks(locks)).toMatchObject([{ state: 'alive' }]);
    });
    expect(readdirSync(locks)).toEqual([]);
  });
});

describe('a lock of another machine', () => {
  const far = { ...currentProcess(), machine: 'db-1.example.org', pid: 12 };

  it('is respected, and an operator may free it', async () => {
    const { locks } = place();
    leaveOwner(locks, far);
    expect(heldLocks(locks)).toEqual([{ key: 'shop', owner: far, state: 'unknown' }]);
    const error = await lock(locks, () => 'robbed', { deadline: 0 }).catch((e) => e);
    expect(error).toMatchObject({ code: 'busy', hint: expect.stringContaining('addons unlock shop') });
    breakLock(locks, 'shop');
    expect(heldLocks(locks)).toEqual([]);
    expect(await lock(locks, () => 'mine', { deadline: 0 })).toBe('mine');
  });

  it('is not freed while a living process holds it too', async () => {
    const { locks } = place();
    await lock(locks, () => {
      leaveOwner(locks, far);
      expect(() => breakLock(locks, 'shop')).toThrow(expect.objectContaining({ code: 'busy' }));
      expect(heldLocks(locks)).toHaveLength(2);
    });
  });

  it('that does not exist is freed without a word', () => {
    expect(heldLocks(join(home, 'nowhere'))).toEqual([]);
    breakLock(join(home, 'nowhere'), 'shop');
  });
});

it('treats a file that it cannot understand as an owner who may live', async () => {
  const { locks } = place();
  const path = join(locks, 'shop.lock');
  const isFileName = (name: string) => !/^\.{1,2}$|[/\0]/.test(name) && Buffer.byteLength(name) <= 255;
  const torn = `o-${currentProcess().boot}-${process.pid}`;
  const names = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter(isFileName),
    fc.constantFrom(torn, `${torn}-`, 'o-', `o-${'9'.repeat(250)}`),
    fc.string({ unit: fc.constantFrom(...'o-0a9%.'), minLength: 1, maxLength: 60 }).filter(isFileName),
  );
  await fc.assert(
    fc.asyncProperty(names, async (name) => {
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, name), '');
      try {
        expect(heldLocks(locks)).toMatchObject([{ key: 'shop', state: 'unknown' }]);
        await expect(lock(locks, () => 'robbed', { deadline: 0 })).rejects.toMatchObject({ code: 'busy' });
      } finally {
        breakLock(locks, 'shop');
      }
      expect(existsSync(path)).toBe(false);
    }),
    { numRuns: 150 },
  );
});

describe.skipIf(!isRoot)('other users (needs root to become them)', () => {
  it('can use what root made in their name, even if root was killed inside', async () => {
    const { locks } = place(NOBODY);
    const holder = start(['hold', locks, 'shop'], { env: { LOCK_OWNER: JSON.stringify(NOBODY) } });
    await firstLine(holder);
    const [name = ''] = readdirSync(join(locks, 'shop.lock'));
    for (const path of [locks, join(locks, 'shop.lock'), join(locks, 'shop.lock', name)]) {
      expect(statSync(path)).toMatchObject(NOBODY);
    }
    await stop(holder);
    const next = start(['once', locks, 'shop'], { through: AS_NOBODY });
    expect(await firstLine(next)).toBe('inside');
    expect(await ended(next)).toBe(0);
    expect(readdirSync(locks)).toEqual([]);
  });

  it('get back a directory that a run as root took from them', async () => {
    const { locks } = place(NOBODY);
    mkdirSync(locks, { mode: 0o700 });
    await lock(locks, () => {}, { owner: NOBODY });
    expect(statSync(locks)).toMatchObject(NOBODY);
  });

  it('respect a holder that they may not signal', async () => {
    const { locks } = place(NOBODY);
    const holder = start(['hold', locks, 'shop'], { env: { LOCK_OWNER: JSON.stringify(NOBODY) } });
    await firstLine(holder);
    const waiting = start(['once', locks, 'shop'], { through: AS_NOBODY });
    let inside = false;
    const line = firstLine(waiting).then(() => {
      inside = true;
    });
    await pause(400);
    expect(inside).toBe(false);
    holder.stdin?.end();
    await line;
    expect(await ended(waiting)).toBe(0);
  });

  it('are told when they may not use the locks', async () => {
    const { locks } = place();
    await lock(locks, () => {});
    const stranger = start(['once', locks, 'shop'], { through: AS_NOBODY });
    expect(JSON.parse(await firstLine(stranger))).toMatchObject({ code: 'permission' });
    expect(await ended(stranger)).toBe(1);
  });

  it('and root hear of a full or read-only disk, but may lock where only the content finds no room', () => {
    const { base } = place();
    const outcome = (options: string, prepare: string) =>
      execFileSync(
        'unshare',
        [
          ...['--mount', 'sh', '-c'],
          `mount -t tmpfs -o ${options} none "$1" && cd "$1" && mkdir locks && ${prepare} && "$2" "$3" once "$1/locks" shop || :`,
          ...['sh', base, process.execPath, program],
        ],
        { encoding: 'utf8' },
      );
    expect(JSON.parse(outcome('nr_inodes=2', ':'))).toMatchObject({ code: 'disk-full' });
    expect(JSON.parse(outcome('size=1m', 'mount -o remount,ro "$1"'))).toMatchObject({ code: 'read-only' });
    expect(outcome('size=8k', '! head -c 99999 /dev/zero 2>&- >full')).toBe('inside\n');
  });
});

/** A platform's directory with room for locks (not made yet) and a file. */
function place(owner?: { uid: number; gid: number }) {
  const base = mkdtempSync(join(home, 'platform-'));
  if (owner) chownSync(base, owner.uid, owner.gid);
  return { base, locks: join(base, 'locks'), file: join(base, 'file') };
}

const now = (label = 'shop'): LockOptions => ({ label, deadline: Date.now() + 20_000 });

const lock = <T>(locks: string, work: () => Promise<T> | T, options: Partial<LockOptions> = {}): Promise<T> =>
  withLock(locks, 'shop', { ...now(), ...options }, work);

function leaveOwner(locks: string, { boot, pid, start, machine, pidns, since }: ProcessIdentity): void {
  mkdirSync(join(locks, 'shop.lock'), { recursive: true });
  const name = `o-${boot}-${pid}-${start}-${machine}-${pidns}-${Date.parse(since)}-abc123`;
  writeFileSync(join(locks, 'shop.lock', name), '');
}

/** Pairs of log lines that prove two living processes inside at once. */
function overlaps(log: string[]): string[] {
  const found = log.filter((line) => line.startsWith('together'));
  let inside = '';
  const died = new Set<string>();
  for (const line of log) {
    const [what, pid = ''] = line.split(' ');
    if (died.has(pid) || (what === 'out' && pid !== inside)) found.push(line);
    if (what === 'in' && inside) died.add(inside);
    inside = what === 'in' ? pid : '';
  }
  return found;
}

function start(args: string[], { through = [] as string[], env = {} } = {}): ChildProcess {
  const [command = '', ...rest] = [...through, process.execPath, program, ...args];
  const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  children.add(child);
  return child;
}

/** Exit status or signal. */
async function ended(child: ChildProcess): Promise<number | string | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode ?? child.signalCode;
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await ended(child);
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  const lines = createInterface({ input: stdout as NodeJS.ReadableStream });
  const [line] = await once(lines, 'line');
  return line;
}

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
