import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runningProcesses, send } from '../../../lib/scripts/processes.ts';
import { currentProcess } from '../../../lib/state/process-identity.ts';
import { collect, failure } from '../../operations/world.ts';
import { readFrom, writeTo } from '../clients.ts';
import { processesBelow } from '../remains.ts';
import type { Subject, Trial } from '../trial.ts';
import { where } from '../where.ts';

export function survivesFaults(the: () => Trial, { mode }: Subject) {
  test('after kill -9 of the server a release brings it back, with the data', async () => {
    const { world, kind, external } = the();
    const url = await world.app('fall');
    await writeTo(url, 'key', 'value');
    await kind.settled(url);
    await killServers(the());
    if (external) {
      expect((await failure(world.addons.rotate('fall', world.addon))).details.stderr).toMatch(/\w{3,}.*\./);
      await external.start();
    }
    expect(await readFrom(await world.release('fall'), 'key')).toBe('value');
  });

  where(mode === 'docker')('a container removed behind its back is made anew, with the data', async () => {
    const { world, kind } = the();
    const url = await world.app('fall');
    await writeTo(url, 'key', 'value');
    await kind.settled(url);
    world.docker('rm', '--force', '--volumes', ...world.containers());
    expect(await readFrom(await world.release('fall'), 'key')).toBe('value');
    world.docker('stop', '--time', '0', ...world.containers());
    expect(await readFrom(await world.release('fall'), 'key')).toBe('value');
  });

  where(mode === 'host')('a server that falls is up again without a command, and is shown as a daemon', async () => {
    const { world, kind } = the();
    const url = await world.app('fall');
    await writeTo(url, 'key', 'value');
    await kind.settled(url);
    const before = await world.addons.daemons(world.addon);
    expect(before.map(({ instance }) => instance)).toEqual(world.servers().map((server) => basename(server)));
    await killServers(the());
    const read = () => readFrom(url, 'key').catch(String);
    await expect.poll(read, { timeout: 60_000 }).toBe('value');
    const after = await world.addons.daemons(world.addon);
    expect(after.map(({ state }) => state)).toEqual(before.map(() => 'running'));
    expect(after.filter(({ pid }) => before.some((one) => one.pid === pid))).toEqual([]);
    const lines = await collect(world.addons.logs(world.addon));
    expect(lines.length).toBeGreaterThan(0);
  });

  where(mode === 'host')('after a reboot release --all brings everything back', async () => {
    const { world, kind } = the();
    const names = ['boot-1', 'boot-2'];
    for (const name of names) {
      const url = await world.app(name);
      await writeTo(url, 'key', name);
      await kind.settled(url);
    }
    await cutPower(the());
    // A reboot cannot be had here, but what it leaves: the notes of another boot, by whose pids others run now.
    for (const server of world.servers()) {
      for (const file of ['pid', 'running']) {
        const [, , , ...address] = readFileSync(join(server, file), 'utf8').trim().split(' ');
        const stranger = ['00000000-0000-4000-8000-000000000000', process.pid, currentProcess().start];
        writeFileSync(join(server, file), `${[...stranger, ...address].join(' ')}\n`);
      }
    }
    const ends = await collect(world.addons.releaseAll());
    expect(ends.filter((end) => 'error' in end)).toEqual([]);
    for (const name of names) expect(await readFrom(await world.inEnv(name), 'key')).toBe(name);
  });
}

/** SIGKILL to the servers on the host, and to what would start them again. */
export async function cutPower(trial: Trial): Promise<void> {
  const { services } = trial.world.addons.platform;
  for (let left = processesBelow(services); left.length > 0; left = processesBelow(services)) {
    for (const pid of left.filter((pid) => isSupervisor(pid))) send('SIGKILL', pid);
    if (!left.some(isSupervisor)) break;
    await pause(10);
  }
  await killServers(trial);
}

const isSupervisor = (pid: number) => /^(runsvdir|runsv|svlogd)\n$/.test(readIfThere(`/proc/${pid}/comm`));

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** SIGKILL to every server of the add-on; returns when they are gone. */
export async function killServers({ world, subject, external }: Trial): Promise<void> {
  if (external) return await external.kill();
  const pids =
    subject.mode === 'docker'
      ? world.containers().map((id) => Number(world.docker('inspect', '--format', '{{.State.Pid}}', id)))
      : world.servers().map((server) => Number(readFileSync(join(server, 'pid'), 'utf8').split(' ')[1]));
  expect(pids.length).toBeGreaterThan(0);
  for (const pid of pids) {
    expect(pid).toBeGreaterThan(1);
    process.kill(pid, 'SIGKILL');
  }
  while (runningProcesses()?.some(({ pid }) => pids.includes(pid))) await pause(10);
}
