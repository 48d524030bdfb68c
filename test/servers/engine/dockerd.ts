import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Bridge, makeBridge, removeBridges } from './bridge.ts';
import { containerProcessesOf, forgetRunningState, killAll, mountsBelow, processesOf } from './leftovers.ts';

/** A Docker engine of the tests: one directory, one bridge, one dockerd. */
export interface Dockerd {
  /** Everything it keeps, its socket included. */
  directory: string;
  bridge: Bridge;
  /** Value for DOCKER_HOST. */
  host: string;
  process: ChildProcess;
}

/** Half of the bridge's addresses, of which containers get theirs. */
export type Half = 'lower' | 'upper';

/** Makes the directory and the bridge, starts an engine there and returns when it answers. */
export async function startDockerd(directory: string): Promise<Dockerd> {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'daemon.json'), '{}');
  const bridge = makeBridge();
  writeFileSync(join(directory, BRIDGE), JSON.stringify(bridge));
  const dockerd = { directory, bridge, host: `unix://${directory}/sock`, process: run(directory, bridge, 'lower') };
  try {
    await answers(dockerd);
  } catch (error) {
    await removeDockerd(dockerd);
    throw error;
  }
  return dockerd;
}

/** Starts it anew where it was stopped; `half` decides where its containers find their addresses. */
export async function startAgain(dockerd: Dockerd, half: Half): Promise<void> {
  dockerd.process = run(dockerd.directory, dockerd.bridge, half);
  await answers(dockerd);
}

/** As a machine goes down in order: dockerd stops its containers by their stop signal, then ends. */
export async function shutDown(dockerd: Dockerd): Promise<void> {
  const { process } = dockerd;
  const ended = process.exitCode === null && process.signalCode === null ? once(process, 'exit') : undefined;
  process.kill('SIGTERM');
  await Promise.race([ended, pause(20_000, undefined, { ref: false })]);
  await cutPower(dockerd);
}

/** As a machine loses its power: all is killed at once, and what a machine keeps in memory is gone. */
export async function cutPower({ directory, process }: Pick<Dockerd, 'directory' | 'process'>): Promise<void> {
  // The engine first, so that it starts nothing more and sees no container end.
  process.kill('SIGKILL');
  await loseRunningState(directory);
}

/** Stops it and removes all it left on the machine. */
export async function removeDockerd(dockerd: Dockerd): Promise<void> {
  dockerd.process.kill('SIGTERM');
  // Its containers need no time for a good end, but dockerd waits for its own processes and forgets none.
  await killAll(() => containerProcessesOf(dockerd.directory));
  await shutDown(dockerd);
  await removeRemains(dockerd.directory);
}

/** Removes what an engine left whose run was killed. */
export async function removeRemains(directory: string): Promise<void> {
  await loseRunningState(directory);
  const bridge = join(directory, BRIDGE);
  // Written by startDockerd.
  if (existsSync(bridge)) removeBridges(JSON.parse(readFileSync(bridge, 'utf8')) as Bridge);
  rmSync(directory, { recursive: true, force: true });
}

const BRIDGE = 'bridge.json';

async function loseRunningState(directory: string): Promise<void> {
  await killAll(() => processesOf(directory));
  forgetRunningState(directory);
}

function run(directory: string, bridge: Bridge, half: Half): ChildProcess {
  const log = openSync(join(directory, 'log'), 'a');
  // An engine must not outlive a run that was killed: the kernel tells it when the process that started it dies.
  const words = ['--pdeathsig', 'TERM', 'dockerd', ...optionsOf(directory, bridge, half)];
  const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
  return spawn('setpriv', words, { detached: true, stdio: ['ignore', log, log], env: { PATH, HOME: directory } });
}

function optionsOf(directory: string, bridge: Bridge, half: Half): string[] {
  return [
    // The machine's own /etc/docker/daemon.json says nothing here.
    ...['--config-file', join(directory, 'daemon.json')],
    ...['--data-root', join(directory, 'data'), '--exec-root', join(directory, 'exec')],
    ...['--host', `unix://${directory}/sock`, '--pidfile', join(directory, 'pid')],
    ...['--storage-driver', storageDriver(directory), '--exec-opt', 'native.cgroupdriver=cgroupfs'],
    ...['--bridge', bridge.name, '--fixed-cidr', `${bridge.prefix}.${half === 'lower' ? 0 : 128}/25`],
    ...['--default-address-pool', `base=${bridge.further}.0/24,size=27`],
    // Nothing of the machine's own network is touched; from the machine, the bridge is reached without any of it.
    ...['--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'],
    // No second is lost at the end of a container that does not heed its stop signal.
    ...['--shutdown-timeout', '10', '--log-level', 'warn'],
  ];
}

/** Overlays where the kernel and the file system have them, for a container is made without a copy then. */
function storageDriver(directory: string): 'overlay2' | 'vfs' {
  const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map((name) => join(directory, 'try', name));
  for (const part of [lower, upper, work, merged]) mkdirSync(String(part), { recursive: true });
  const layers = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  const mounted = spawnSync('mount', ['-t', 'overlay', 'overlay', '-o', layers, String(merged)], { stdio: 'ignore' });
  if (mounted.status === 0) spawnSync('umount', [String(merged)]);
  if (mountsBelow(join(directory, 'try')).length === 0) rmSync(join(directory, 'try'), { recursive: true });
  return mounted.status === 0 ? 'overlay2' : 'vfs';
}

async function answers(dockerd: Dockerd): Promise<void> {
  const { directory, process } = dockerd;
  while (!(await ping(join(directory, 'sock')))) {
    if (process.exitCode !== null || process.signalCode !== null) {
      throw new Error(`dockerd ended at its start: ${readFileSync(join(directory, 'log'), 'utf8').slice(-2000)}`);
    }
    await pause(25);
  }
}

const ping = (socketPath: string) =>
  new Promise<boolean>((resolve) => {
    const asked = request({ socketPath, path: '/_ping' }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.on('error', () => resolve(false)).end();
  });
