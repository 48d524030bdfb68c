import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { send } from '../../lib/scripts/processes.ts';
import { needs } from '../require.ts';
import { processesBelow } from '../servers/remains.ts';
import { NOBODY, platformOfNobody } from './platform-of-nobody.ts';

test.skipIf(!needs('root', 'redis-server'))(
  'root helps out where somebody else runs servers, and locks nobody out',
  async () => {
    const { asNobody, asRoot, data } = installation();
    asNobody('enable');
    const [id = '', secret = ''] = asNobody('provision', 'shop').trim().split(';');
    const url = asNobody('url', id, secret);
    for (const as of [asRoot, asNobody]) {
      await kill(join(data, 'servers', id));
      expect(as('url', id, secret)).toBe(url);
      expect(as('dump', id, secret).slice(0, 5)).toBe('REDIS');
      as('rotate', id, secret);
    }
    asNobody('unprovision', id);
    asNobody('disable');
    expect([...readdirSync(data), ...processesBelow(data)]).toEqual([]);
  },
);

test.skipIf(!needs('root', 'redis-server'))('what root runs is refused to somebody else, and stays whole', async () => {
  const { asNobody, asRoot, data } = installation();
  asRoot('enable');
  const [id = '', secret = ''] = asRoot('provision', 'shop').trim().split(';');
  expect(asNobody('url', id, secret)).toBe(asRoot('url', id, secret));
  expect(() => asNobody('unprovision', id)).toThrow('Run the command as root.');
  await kill(join(data, 'servers', id));
  for (const script of ['url', 'dump', 'unprovision']) {
    expect(() => asNobody(script, id, secret)).toThrow('Run the command as root.');
  }
  expect(asRoot('list').trim()).toBe(id);
  asRoot('unprovision', id);
  asRoot('disable');
  expect([...readdirSync(data), ...processesBelow(data)]).toEqual([]);
});

/** The add-on, with data that belongs to nobody, and its scripts run by him and by root. */
function installation() {
  const { home, root, data, services, env } = platformOfNobody('redis');
  onTestFinished(() => {
    for (const pid of [...processesBelow(services), ...processesBelow(data)]) send('SIGKILL', pid);
    rmSync(home, { recursive: true, force: true });
  });
  const run = (words: string[]) => {
    const [program = '', ...args] = words;
    const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: 'latin1' });
    if (status !== 0) throw new Error(stderr);
    return stdout;
  };
  const change = ['setpriv', '--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups'];
  return {
    data,
    asRoot: (script: string, ...args: string[]) => run([join(root, script), ...args]),
    asNobody: (script: string, ...args: string[]) => run([...change, join(root, script), ...args]),
  };
}

async function kill(server: string) {
  const pid = Number(readFileSync(join(server, 'pid'), 'utf8').split(' ')[1]);
  send('SIGKILL', pid);
  while (processesBelow(server).includes(pid)) await pause(10);
}
