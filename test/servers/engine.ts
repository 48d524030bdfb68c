import { mkdtempSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';
import { needs } from '../require.ts';
import { docker } from './engine/client.ts';
import { cutPower, type Half, removeDockerd, shutDown, startAgain, startDockerd } from './engine/dockerd.ts';
import type { Answer } from './engine/global-setup.ts';
import type { ImageName, ImageVersion } from './images/image.ts';
import { load } from './images/load.ts';

export type { ImageName, ImageVersion } from './images/image.ts';

/** A Docker engine of the tests alone, with addresses that nothing else on the machine has. */
export interface Engine {
  /** Value for DOCKER_HOST. */
  host: string;
  /** What the addresses of its containers begin with, such as `198.18.7`. */
  prefix: string;
  /** Runs the client and gives its stdout without the last line's end; fails with its stderr. */
  docker(...words: string[]): Promise<string>;
  /** Makes an image which behaves as the official one, unless it is there, and tells its tag: `addons-test/redis:7`. */
  image(name: ImageName, version?: ImageVersion): Promise<string>;
  /** The address of a container on the engine's bridge; '' while it does not run. */
  address(container: string): Promise<string>;
}

/** An engine that a test may stop. */
export interface OwnEngine extends Engine {
  restart(how?: Restart): Promise<void>;
  /** Stops it without removing anything, as `systemctl stop docker` does. */
  halt(): Promise<void>;
  /** Starts it after `halt`. */
  resume(): Promise<void>;
  /** Stops it and removes it with all containers; to be called at the end, such as by `afterAll`. */
  stop(): Promise<void>;
}

/** How the machine of an engine goes down and comes up. Containers return by their restart policy alone. */
export interface Restart {
  /** In order (the default), or with everything killed at once, the engine's own memory of running containers included. */
  by?: 'power cut' | 'shutdown';
  /**
   * Where containers find their addresses: `moved` gives each one that it never had; `any` leaves it to the engine. A
   * list of names starts these containers one after another in this order: each gets the next free address, so two may
   * change places.
   */
  addresses?: 'any' | 'moved' | string[];
}

/** Whether this machine can run an engine and make images of these servers; a test without it is to be skipped. */
export const canRunContainers = (...images: ImageName[]): boolean =>
  needs(
    'root',
    'dockerd',
    'containerd',
    'runc',
    'docker',
    'busybox',
    'setpriv',
    ...images.map((name) => PROGRAM[name]),
  );

const PROGRAM: Record<ImageName, string> = { mariadb: 'mariadbd', postgres: 'postgres', redis: 'redis-server' };

/**
 * The engine that all test files of this run share; started by the first that asks, gone at the end of the run. Names
 * of containers are shared, too. A test removes its own.
 */
export async function engine(): Promise<Engine> {
  const { host, prefix } = await ask('/engine');
  return {
    ...operations(host, prefix),
    image: async (name, version = 'own') => String((await ask(`/${name}/${version}`)).tag),
  };
}

/** An engine for one test file, which it may restart and must stop. */
export async function ownEngine(): Promise<OwnEngine> {
  const dockerd = await startDockerd(mkdtempSync(join(inject('engines'), 'own-')));
  const { host, bridge } = dockerd;
  const images = new Map<string, Promise<string>>();
  let half: Half = 'lower';
  const own = operations(host, bridge.prefix);
  return {
    ...own,
    image(name, version = 'own') {
      const key = `${name} ${version}`;
      const loading = images.get(key) ?? load(host, name, version, join(inject('engines'), 'images'));
      images.set(key, loading);
      return loading;
    },
    async restart({ by = 'shutdown', addresses = 'any' } = {}) {
      const inOrder = Array.isArray(addresses) ? await withoutPolicy(own, addresses) : [];
      await (by === 'shutdown' ? shutDown(dockerd) : cutPower(dockerd));
      if (addresses === 'moved') half = half === 'lower' ? 'upper' : 'lower';
      await startAgain(dockerd, half);
      for (const { name, policy } of inOrder) {
        await own.docker('start', name);
        await own.docker('update', '--restart', policy, name);
      }
    },
    halt: () => shutDown(dockerd),
    resume: () => startAgain(dockerd, half),
    stop: () => removeDockerd(dockerd),
  };
}

const operations = (host: string, prefix: string): Omit<Engine, 'image'> => ({
  host,
  prefix,
  docker: (...words) => docker(host, words),
  address: (container) => docker(host, ['inspect', '--format', '{{.NetworkSettings.IPAddress}}', container]),
});

/** Takes the restart policies away, so that the engine leaves the containers to be started, and tells what they were. */
async function withoutPolicy({ docker }: Pick<Engine, 'docker'>, names: string[]) {
  const policies = [];
  for (const name of names) {
    const format = '{{.HostConfig.RestartPolicy.Name}}';
    policies.push({ name, policy: await docker('inspect', '--format', format, name) });
    await docker('update', '--restart', 'no', name);
  }
  return policies;
}

async function ask(path: string) {
  const answer = await new Promise<string>((resolve, reject) => {
    const asked = request({ socketPath: join(inject('engines'), 'ask'), path }, (response) => resolve(text(response)));
    asked.on('error', reject).end();
  });
  // Written by the run's own process.
  const told = JSON.parse(answer) as Answer;
  if ('error' in told) throw new Error(told.error);
  return told;
}
