import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { needs } from '../../require.ts';
import { ADMIN_PASSWORD } from '../external-server.ts';
import type { Trial } from '../trial.ts';
import { operation } from './provision.ts';

export function keepsSecrets(the: () => Trial) {
  test.skipIf(!needs('strace'))("no secret is in the arguments of any program but the contract's own", async () => {
    const { world } = the();
    await world.app('quiet');
    const id = await world.idOf('quiet');
    const secret = world.privateOf('quiet');
    const starts: string[] = [];
    const renewed = (await traced('rotate', id, secret)).toString().trim();
    const [other = '', others = ''] = (await traced('provision', 'quieter')).toString().trim().split(';');
    await traced('unprovision', other);
    await traced('url', id, renewed);
    const dump = await traced('dump', id, renewed);
    await traced('restore', id, renewed, dump);
    await traced('health');

    const admin = readFileSync(join(world.data, 'admin'), 'utf8').trim();
    const secrets = [admin, secret, renewed, others, ADMIN_PASSWORD, encodeURIComponent(ADMIN_PASSWORD)];
    expect(secrets.every((one) => one.length > 10)).toBe(true);
    expect(starts.length).toBeGreaterThan(20);
    expect(starts.filter((start) => secrets.some((one) => start.includes(one)))).toEqual([]);

    async function traced(script: string, ...words: (string | Buffer)[]): Promise<Buffer> {
      const run = await underStrace(the(), script, words);
      starts.push(...run.starts);
      return run.output;
    }
  });
}

// It notes the end of the script: a server that the script started keeps strace for as long as it lives.
const OUTER = '"$@"; echo $? >&3';

/** Runs a script with these arguments, a Buffer being its stdin, and gives the starts of programs that were not its own. */
async function underStrace({ world }: Trial, script: string, words: (string | Buffer)[]) {
  const input = words.find((word) => word instanceof Buffer) ?? '';
  const args = words.filter((word) => typeof word === 'string');
  const root = world.addons.platform.addonRoot(world.addon);
  const path = join(root, script);
  const trace = world.file('');
  const [output, errors, status] = ['', '', ''].map(world.file) as [string, string, string]; // as many as went in
  const child = spawn('strace', [...STRACE, '-o', trace, 'sh', '-c', OUTER, 'sh', path, ...args], {
    cwd: root,
    env: world.environment(operation('traced')),
    detached: true,
    stdio: [openSync(world.file(input), 'r'), ...[output, errors, status].map((file) => openSync(file, 'w'))],
  });
  const ended = once(child, 'exit');
  while (readFileSync(status, 'utf8') === '') await pause(20);
  child.kill('SIGTERM'); // it lets go of what still runs
  await ended;
  expect(readFileSync(status, 'utf8').trim(), `${script}: ${readFileSync(errors, 'utf8')}`).toBe('0');
  const starts = readFileSync(trace, 'utf8').split('\n');
  // The script itself is told the secret: the contract's arguments are public.
  return {
    output: readFileSync(output),
    starts: starts.filter((line) => !line.includes(`execve("${path}"`) && !line.includes('echo $? >&3')),
  };
}

/** Tells every start of a program with all its arguments, in full. With -I it can be ended. */
const STRACE = ['-I', '2', '-f', '-e', 'trace=execve', '-e', 'signal=none', '-s', '10000'];
