import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient, type RedisClientType } from 'redis';
import { afterAll, afterEach, beforeAll, describe, onTestFinished } from 'vitest';
import { send } from '../../lib/scripts/processes.ts';
import type { ExternalServer } from '../servers/external-server.ts';
import { canTry, openTrial, type Subject, type Trial } from '../servers/trial.ts';
import type { ServerWorld } from '../servers/world.ts';

/** Tests of one redis add-on with these settings, in a world that they share. */
export function describeRedis(
  title: string,
  subject: Pick<Subject, 'mode' | 'settings'>,
  tests: (the: () => ServerWorld, external: () => ExternalServer) => void,
) {
  const whole: Subject = { addon: 'redis', ...subject };
  describe.skipIf(!canTry(whole))(title, () => {
    let opened: Trial | undefined;
    const trial = () => {
      if (!opened) throw new Error('enable failed');
      return opened;
    };
    beforeAll(async () => {
      opened = await openTrial(whole);
    });
    afterEach(() => opened?.world.deleteApps());
    afterAll(() => opened?.close());
    tests(
      () => trial().world,
      () => {
        const { external } = trial();
        if (!external) throw new Error('this world has no external server');
        return external;
      },
    );
  });
}

/** The ordinary client of Node, logged in until the test ends. */
export async function logIn(url: string): Promise<RedisClientType> {
  const client: RedisClientType = createClient({ url, socket: { reconnectStrategy: false } });
  client.on('error', () => {}); // every call rejects with it, too
  onTestFinished(() => client.destroy());
  await client.connect();
  return client;
}

/** Starts `restore` of the app with this file, and kills it and all it started after so many milliseconds. */
export async function killRestore(world: ServerWorld, app: string, file: string, delay: number) {
  const environment = world.environment('none');
  const words = [join(environment.ADDON_ROOT ?? '', 'restore'), await world.idOf(app), world.privateOf(app)];
  const line = 'exec "$@" <"$0"';
  const run = spawn('sh', ['-c', line, file, ...words], { env: environment, detached: true, stdio: 'ignore' });
  const ended = once(run, 'exit');
  await pause(delay);
  if (run.pid !== undefined) send('SIGKILL', -run.pid);
  await ended;
}

/** Writes 10 MB. */
export async function fillUp(client: RedisClientType, prefix = '') {
  for (let i = 0; i < 100; i++) await client.set(`${prefix}filler-${i}`, 'x'.repeat(100_000));
}

/** Makes one key of each kind, all names beginning with the prefix. */
export async function fill(client: RedisClientType, prefix: string) {
  await client.set(`${prefix}text`, 'value');
  await client.set(`${prefix}expiring`, '1', { expiration: { type: 'PXAT', value: EXPIRY } });
  await client.hSet(`${prefix}hash`, { field: 'value' });
  await client.rPush(`${prefix}list`, ['a', 'b']);
  await client.zAdd(`${prefix}sorted`, { score: 1.5, value: 'member' });
  await client.xAdd(`${prefix}stream`, '1-1', { field: 'value' });
  await client.set(`${prefix}${ODD}`, 'odd');
  await client.set(`${prefix}large`, 'x'.repeat(6_000_000));
}

/** What `fill` made, read back. */
export async function contents(client: RedisClientType, prefix: string) {
  return {
    text: await client.get(`${prefix}text`),
    expiry: await client.pExpireTime(`${prefix}expiring`),
    hash: { ...(await client.hGetAll(`${prefix}hash`)) },
    list: await client.lRange(`${prefix}list`, 0, -1),
    sorted: await client.zScore(`${prefix}sorted`, 'member'),
    stream: await client.xLen(`${prefix}stream`),
    odd: await client.get(`${prefix}${ODD}`),
    large: await client.strLen(`${prefix}large`),
  };
}

const EXPIRY = Date.UTC(2100, 0, 1);
const ODD = 'a\r\n*2\r\n$ \0ü;"';

export const FILLED = {
  text: 'value',
  expiry: EXPIRY,
  hash: { field: 'value' },
  list: ['a', 'b'],
  sorted: 1.5,
  stream: 1,
  odd: 'odd',
  large: 6_000_000,
};
