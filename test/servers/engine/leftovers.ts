import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Ids of the containers an engine's directory knows, running or not. */
export function containersOf(directory: string): string[] {
  const containers = join(directory, 'data/containers');
  return existsSync(containers) ? readdirSync(containers) : [];
}

/** Pids of what runs in an engine's containers. */
export function containerProcessesOf(directory: string): number[] {
  const containers = containersOf(directory);
  return processes((pid) => {
    const cgroup = ofProcess(pid, 'cgroup');
    // One that has ended, but was not waited for, keeps its group and has no command line.
    return containers.some((id) => cgroup.includes(id)) && ofProcess(pid, 'cmdline') !== '';
  });
}

/** Pids of an engine and of all it started: dockerd, containerd, the shims, and what runs in its containers. */
export function processesOf(directory: string): number[] {
  const engine = processes((pid) => {
    const commandLine = ofProcess(pid, 'cmdline').split('\0');
    return ENGINE.test(commandLine[0] ?? '') && commandLine.some((word) => word.includes(`${directory}/`));
  });
  return [...engine, ...containerProcessesOf(directory)];
}

/** Kills them, and those that came up meanwhile, and returns when none is left. */
export async function killAll(processes: () => number[]): Promise<void> {
  for (let left = processes(); left.length > 0; left = processes()) {
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    }
    await pause(20);
  }
}

/** Mount points at or below the directory, the deepest first. */
export function mountsBelow(directory: string): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point === directory || point.startsWith(`${directory}/`))
    .reverse();
}

/**
 * Removes what a machine forgets when it goes down, and what stays on one that does not: mounts, the sockets of the
 * shims, control groups, and the directory of the running state.
 */
export function forgetRunningState(directory: string): void {
  for (const point of mountsBelow(directory)) execFileSync('umount', ['--lazy', point]);
  const exec = join(directory, 'exec');
  for (const socket of shimSockets(exec)) rmSync(socket, { force: true });
  for (const group of containersOf(directory).flatMap(controlGroups)) {
    try {
      rmdirSync(group);
    } catch {
      // Still busy with the end of its last process. An empty group is in nobody's way.
    }
  }
  rmSync(exec, { recursive: true, force: true });
  for (const name of ['pid', 'sock']) rmSync(join(directory, name), { force: true });
}

function shimSockets(exec: string): string[] {
  if (!existsSync(exec)) return [];
  const notes = readdirSync(exec, { recursive: true, encoding: 'utf8' }).filter((path) => basename(path) === 'address');
  const sockets = notes.map((path) => readFileSync(join(exec, path), 'utf8').trim().replace('unix://', ''));
  return sockets.filter((socket) => socket.startsWith('/run/containerd/s/'));
}

/** Version 1 has a hierarchy for each controller, version 2 one for all. */
function controlGroups(id: string): string[] {
  const hierarchies = ['', ...readdirSync('/sys/fs/cgroup')];
  return hierarchies.map((name) => join('/sys/fs/cgroup', name, 'docker', id)).filter(existsSync);
}

const ENGINE = /(^|\/)(dockerd|containerd|containerd-shim[\w-]*|docker-proxy|runc)$/;

const processes = (which: (pid: string) => boolean): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && which(name))
    .map(Number);

function ofProcess(pid: string, name: 'cmdline' | 'cgroup'): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
