import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { build } from 'esbuild';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  currentProcess,
  groupLiveness,
  killGroup,
  liveness,
  type ProcessIdentity,
} from '../../lib/state/process-identity.ts';

const isRoot = process.geteuid?.() === 0;
const has = (program: string) => {
  try {
    return execFileSync('sh', ['-c', `command -v ${program}`]).length > 0;
  } catch {
    return false;
  }
};

let directory = '';
let children: ChildProcess[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'identity-'));
  await build({
    stdin: {
      contents: `export * from './lib/state/process-identity.ts'`,
      resolveDir: join(import.meta.dirname, '../..'),
    },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: join(directory, 'identity.cjs'),
    logLevel: 'error',
  });
  execFileSync('chmod', ['-R', 'a+rX', directory]);
});

afterEach(() => {
  for (const { pid } of children) {
    if (pid === undefined) continue;
    for (const target of [pid, -pid]) {
      try {
        process.kill(target, 'SIGKILL');
      } catch {}
    }
  }
  children = [];
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('a process', () => {
  it('knows itself', () => {
    const me = currentProcess();
    expect(me).toMatchObject({
      machine: expect.stringMatching(/./),
      boot: expect.stringMatching(/^[0-9a-f-]{36}$/),
      pidns: expect.stringMatching(/^\d+$/),
      pid: process.pid,
      start: expect.stringMatching(/^\d+$/),
    });
    expect(Math.abs(Date.parse(me.since) - Date.now())).toBeLessThan(20_000);
    expect(liveness(me)).toBe('alive');
  });

  it('is alive until it has ended', async () => {
    const child = start('sleep', ['30']);
    const identity = identityOf(child);
    expect(liveness(identity)).toBe('alive');
    child.kill('SIGSTOP');
    expect(liveness(identity)).toBe('alive');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(liveness(identity)).toBe('dead');
  });

  it('is dead as a zombie', async () => {
    const parent = start('sh', ['-c', 'sleep 1 & echo $!; exec sleep 30']);
    const zombie = { ...currentProcess(), pid: Number(await firstLine(parent)), start: '' };
    await until(() => readFileSync(`/proc/${zombie.pid}/stat`, 'utf8').includes(') Z '));
    expect(process.kill(zombie.pid, 0)).toBe(true);
    expect(liveness(zombie)).toBe('dead');
  });

  it.skipIf(!has('python3'))('is alive as a zombie one of whose threads still works', async () => {
    const code = `import ctypes, os, threading, time
threading.Thread(target=lambda: time.sleep(30)).start()
print(os.getpid(), flush=True)
ctypes.CDLL(None).pthread_exit(None)`;
    const python = start('python3', ['-c', code]);
    const identity = { ...currentProcess(), pid: Number(await firstLine(python)), start: '' };
    await until(() => readFileSync(`/proc/${identity.pid}/stat`, 'utf8').includes(') Z '));
    expect(liveness(identity)).toBe('alive');
    process.kill(identity.pid, 'SIGKILL');
    await until(() => liveness(identity) === 'dead');
  });

  it('is dead when its number belongs to another that started later', () => {
    expect(liveness({ ...currentProcess(), start: '1' })).toBe('dead');
  });

  it('is alive when its start was never known', () => {
    expect(liveness({ ...currentProcess(), start: '' })).toBe('alive');
  });

  it('of another user is alive, unless the number was given out again', () => {
    const init = { ...currentProcess(), pid: 1, start: startOf(1) };
    expect(liveness(init)).toBe('alive');
    expect(liveness({ ...init, start: '77777777777' })).toBe('dead');
  });

  it.each<[string, Partial<ProcessIdentity>, string]>([
    ['another machine', { machine: 'elsewhere' }, 'unknown'],
    ['another machine, whose boot differs too', { machine: 'elsewhere', boot: 'other' }, 'unknown'],
    ['another pid namespace', { pidns: '1' }, 'unknown'],
    ['another pid namespace, with a number that is free here', { pidns: '1', pid: 4_000_000 }, 'unknown'],
    ['a system without /proc', { pidns: '', boot: '' }, 'unknown'],
    ['an earlier boot', { boot: '00000000-0000-0000-0000-000000000000' }, 'dead'],
    ['a boot that could not be read', { boot: '' }, 'alive'],
    ['no number', { pid: Number.NaN }, 'unknown'],
    ['number 0', { pid: 0 }, 'unknown'],
    ['a negative number', { pid: -process.pid }, 'unknown'],
  ])('of %s is judged with care', (_, difference, verdict) => {
    expect(liveness({ ...currentProcess(), ...difference })).toBe(verdict);
  });

  it('cannot be judged where both sides have no /proc', () => {
    const blind = { ...currentProcess(), pidns: '', boot: '' };
    expect(liveness(blind, blind)).toBe('unknown');
    expect(groupLiveness(blind, blind)).toBe('unknown');
  });

  it('may bear any name', () => {
    const title = process.title;
    try {
      fc.assert(
        fc.property(fc.string({ unit: fc.constantFrom(...') (ZX1\n\\é') }), (name) => {
          process.title = name;
          expect(liveness(currentProcess())).toBe('alive');
          expect(liveness({ ...currentProcess(), start: '1' })).toBe('dead');
        }),
        { numRuns: 200 },
      );
    } finally {
      process.title = title;
    }
  });

  it('whose program is called like a zombie is alive', () => {
    const program = join(directory, 'x) Z 1 (y');
    symlinkSync(process.execPath, program);
    expect(liveness(identityOf(start(program, ['-e', 'setTimeout(() => {}, 30000)'])))).toBe('alive');
  });

  it.skipIf(!isRoot)('that hidepid does not show is alive (needs root to mount)', () => {
    const hidden = { ...identityOf(start('sleep', ['30'], { detached: true })), start: '1' };
    const verdicts = elsewhere(
      ['unshare', '--mount', 'sh', '-c', `mount -t proc -o hidepid=2 proc /proc && exec ${AS_NOBODY} "$0" "$@"`],
      `[require('fs').existsSync('/proc/' + p.pid), i.liveness(p), i.groupLiveness(p)]`,
      hidden,
    );
    expect(verdicts).toEqual([false, 'alive', 'alive']);
  });

  it.skipIf(!isRoot)(
    'of a pid namespace is unknown outside, and never mixed up with the outer /proc (needs root)',
    () => {
      const inside = ['unshare', '--pid', '--fork'];
      const [verdict, self] = elsewhere(inside, '[i.liveness(p), i.currentProcess()]', currentProcess());
      expect(verdict).toBe('unknown');
      expect(liveness(self as ProcessIdentity)).toBe('unknown');
      // Process 1 there is itself; /proc/1 is still ours, which started at another time.
      expect(elsewhere(inside, '[process.pid, i.liveness(i.currentProcess())]')).toEqual([1, 'alive']);
    },
  );
});

describe('a process group', () => {
  it('lives as long as one member does, whoever began it', async () => {
    const leader = start('sh', ['-c', 'sleep 30 & echo $!'], { detached: true });
    const identity = identityOf(leader);
    const member = Number(await firstLine(leader));
    if (leader.exitCode === null) await once(leader, 'exit');
    expect(liveness(identity)).toBe('dead');
    expect(groupLiveness(identity)).toBe('alive');
    process.kill(member, 'SIGKILL');
    await until(() => groupLiveness(identity) === 'dead');
  });

  it('of zombies only is dead', async () => {
    // The parent lies in another group and does not wait for its child.
    const code = `const c = require('child_process').spawn('sleep', ['0.2'], {detached: true, stdio: 'ignore'});
      console.log(c.pid); setTimeout(() => process.kill(process.pid, 'SIGSTOP'), 20)`;
    const parent = start(process.execPath, ['-e', code]);
    const leader = { ...currentProcess(), pid: Number(await firstLine(parent)), start: '' };
    expect(groupLiveness(leader)).toBe('alive');
    await until(() => readFileSync(`/proc/${leader.pid}/stat`, 'utf8').includes(') Z '));
    expect(groupLiveness(leader)).toBe('dead');
    expect(groupExists(leader.pid)).toBe(true);
  });

  it('is killed as a whole', async () => {
    const leader = start('sh', ['-c', 'sleep 30 & sleep 30 & echo $!; wait'], { detached: true });
    const identity = identityOf(leader);
    const member = Number(await firstLine(leader));
    killGroup(identity, 'SIGTERM');
    await once(leader, 'exit');
    await until(() => groupLiveness(identity) === 'dead');
    expect(liveness({ ...identity, pid: member, start: '' })).toBe('dead');
    killGroup(identity, 'SIGKILL');
  });

  it('whose number was given to a stranger is dead, and the stranger is left alone', async () => {
    const stranger = start('sleep', ['30'], { detached: true });
    const identity = { ...identityOf(stranger), start: '1' };
    expect(groupLiveness(identity)).toBe('dead');
    killGroup(identity, 'SIGKILL');
    await pause(50);
    expect(stranger.signalCode).toBeNull();
    expect(liveness(identityOf(stranger))).toBe('alive');
  });

  it.each<[string, Partial<ProcessIdentity>, string]>([
    ['another machine', { machine: 'elsewhere' }, 'unknown'],
    ['another pid namespace', { pidns: '1' }, 'unknown'],
    ['an earlier boot', { boot: '00000000-0000-0000-0000-000000000000' }, 'dead'],
    ['process 1', { pid: 1, start: '' }, 'unknown'],
    ['everybody', { pid: 0, start: '' }, 'unknown'],
    ['no number', { pid: Number.NaN, start: '' }, 'unknown'],
  ])('of %s is never signalled', async (_, difference, verdict) => {
    const bystander = start('sleep', ['30'], { detached: true });
    const identity = { ...identityOf(bystander), ...difference };
    expect(groupLiveness(identity)).toBe(verdict);
    killGroup(identity, 'SIGKILL');
    await pause(20);
    expect(liveness(identityOf(bystander))).toBe('alive');
  });

  it.skipIf(!isRoot)(
    'of another user cannot be killed, and says how it can (needs root to become another user)',
    () => {
      const bystander = start('sleep', ['30'], { detached: true });
      const code = `(() => { try { i.killGroup(p, 'SIGTERM') } catch (e) { return [e.code, e.message, e.hint] } })()`;
      const [kind, message, hint] = elsewhere(AS_NOBODY.split(' '), code, identityOf(bystander));
      expect(kind).toBe('permission');
      expect(message).toContain(`Process group ${bystander.pid}`);
      expect(hint).toContain(`kill -TERM -- -${bystander.pid}`);
      expect(liveness(identityOf(bystander))).toBe('alive');
    },
  );
});

const AS_NOBODY = 'setpriv --reuid=65534 --regid=65534 --clear-groups';

/** Evaluates an expression over `i` (the module) and `p` (an identity) in a process that `command` starts. */
function elsewhere(command: string[], expression: string, identity = currentProcess()): unknown[] {
  const code = `const i = require(${JSON.stringify(join(directory, 'identity.cjs'))});
    const p = ${JSON.stringify(identity)}; process.stdout.write(JSON.stringify(${expression}))`;
  const [program = '', ...args] = [...command, process.execPath, '-e', code];
  return JSON.parse(execFileSync(program, args, { encoding: 'utf8' }));
}

function start(program: string, args: string[], { detached = false } = {}): ChildProcess {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], detached });
  children.push(child);
  return child;
}

const startOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/.*\) /s, '').split(' ')[19] ?? '';

function identityOf({ pid = 0 }: ChildProcess): ProcessIdentity {
  return { ...currentProcess(), pid, start: startOf(pid) };
}

function groupExists(pid: number): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of stdout ?? []) {
    text += chunk;
    if (text.includes('\n')) break;
  }
  return text.split('\n')[0] ?? '';
}

async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !holds(); await pause(10)) {
    if (Date.now() > end) throw new Error(`Not within a minute: ${holds}`);
  }
}
