import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { daemonProcesses, served } from './daemons-world.ts';
import { failure, type World } from './world.ts';

// The example with a daemon, swapped under a client that never stops asking.

const HELLO = join(import.meta.dirname, '../../examples/daemon/hello');

/** A version of it in a directory of its own. */
function version({ home }: World, number: string, change: (root: string) => void = () => {}): string {
  const root = join(home, `source-${number}`, 'hello');
  cpSync(HELLO, root, { recursive: true });
  const toml = readFileSync(join(root, 'addon.toml'), 'utf8');
  writeFileSync(
    join(root, 'addon.toml'),
    toml.replace('"1.0.0"', JSON.stringify(number)).replace('"hello"', JSON.stringify(`hello ${number}`)),
  );
  change(root);
  return root;
}

async function prepared(): Promise<World> {
  const world = served();
  world.app('shop');
  await world.addons.install(version(world, '1'));
  await world.addons.enable('hello');
  await world.addons.add('shop', 'hello');
  await world.addons.release('shop');
  return world;
}

const ask = (socketPath: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const asked = request({ socketPath, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve(text.trim()));
    });
    asked.on('error', reject);
    asked.end();
  });

/** Asks without a pause until it is stopped. */
function client(socket: string) {
  const answers: string[] = [];
  const failures: unknown[] = [];
  let goesOn = true;
  const working = Promise.all(
    [1, 2, 3].map(async () => {
      while (goesOn) {
        await ask(socket).then(
          (answer) => answers.push(answer),
          (error) => failures.push(error),
        );
      }
    }),
  );
  return {
    answers,
    failures,
    stop: async () => {
      goesOn = false;
      await working;
    },
  };
}

const socketOf = ({ addons }: World) => `${addons.platform.sockets('hello')}/server-1.sock`;

it('loses no request of a client that never stops', async () => {
  const world = await prepared();
  const { addons } = world;
  const [before] = await addons.daemons('hello');
  const asking = client(socketOf(world));
  const result = await addons.swap(version(world, '2'));
  await asking.stop();
  expect(result).toMatchObject({
    addon: 'hello',
    outcome: 'done',
    version: '2',
    replaced: '1',
    released: ['shop'],
    notReleased: [],
  });
  expect(asking.failures).toEqual([]);
  expect(asking.answers.length).toBeGreaterThan(100);
  expect(new Set(asking.answers)).toEqual(new Set(['hello 1', 'hello 2']));
  expect(asking.answers.at(-1)).toBe('hello 2');
  const after = await addons.daemons('hello');
  expect(after).toMatchObject([{ state: 'running' }]);
  expect(after[0]?.pid).not.toBe(before?.pid);
  expect(daemonProcesses(world)).toHaveLength(1);
  expect(await addons.check()).toMatchObject({ findings: [] });
  expect(world.journal()).toEqual([]);
  // And again: the other set's turn.
  expect(await addons.swap(version(world, '3'))).toMatchObject({ outcome: 'done', replaced: '2' });
  expect(await ask(socketOf(world))).toBe('hello 3');
  expect(await addons.swap(version(world, '3'))).toMatchObject({ outcome: 'unchanged' });
  await addons.disable('hello', { force: true });
  expect(daemonProcesses(world)).toEqual([]);
}, 60_000);

it('takes a version back whose health fails; the old one was never stopped', async () => {
  const world = await prepared();
  const { addons } = world;
  const [before] = await addons.daemons('hello');
  const asking = client(socketOf(world));
  const ill = version(world, '2', (root) => {
    const toml = readFileSync(join(root, 'addon.toml'), 'utf8');
    writeFileSync(join(root, 'addon.toml'), toml.replace('health = 10', 'health = 1'));
    writeFileSync(join(root, 'health'), '#!/bin/sh\necho "no answer" >&2\nexit 1\n');
  });
  const error = await failure(addons.swap(ill));
  await asking.stop();
  expect(error.code).toBe('script-failed');
  expect(error.message).toContain(
    'was taken back; the version before was never stopped. health of hello failed with exit status 1: no answer',
  );
  expect(asking.failures).toEqual([]);
  expect(new Set(asking.answers)).toEqual(new Set(['hello 1']));
  expect(await addons.daemons('hello')).toEqual([before]);
  expect(daemonProcesses(world)).toEqual([before?.pid]);
  expect(world.journal()).toEqual([]);
  expect(readdirSync(addons.platform.addonData('hello')).sort()).toEqual(['enabled', 'guests', 'sockets', 'sockets-a']);
  expect(await addons.check()).toMatchObject({ findings: [] });
  expect((await addons.info('hello')).version).toBe('1');
}, 60_000);

it('takes a version back whose daemon does not stay, where it has no health script', async () => {
  const world = await prepared();
  const [before] = await world.addons.daemons('hello');
  const falling = version(world, '2', (root) => {
    writeFileSync(join(root, 'serve.mjs'), 'setTimeout(() => process.exit(1), 300)\n');
    rmSync(join(root, 'health'));
  });
  expect((await failure(world.addons.swap(falling))).message).toContain('was taken back');
  expect(await world.addons.daemons('hello')).toEqual([before]);
}, 60_000);

it('changes nothing in a dry run, and refuses what is not enabled', async () => {
  const world = await prepared();
  const next = version(world, '2');
  const planned = await world.addons.swap(next, { dryRun: true });
  expect(planned).toMatchObject({ outcome: 'planned', steps: expect.arrayContaining(['ask its health script']) });
  expect((await world.addons.info('hello')).version).toBe('1');
  await world.addons.disable('hello', { force: true });
  expect(await failure(world.addons.swap(next))).toMatchObject({ code: 'not-enabled' });
  mkdirSync(join(world.home, 'other'));
  expect(existsSync(world.addons.platform.sockets('hello'))).toBe(false);
}, 60_000);

it('leads clients to the set in force by a link', async () => {
  const world = await prepared();
  expect(readlinkSync(world.addons.platform.sockets('hello'))).toBe('sockets-a');
  await world.addons.swap(version(world, '2'));
  expect(readlinkSync(world.addons.platform.sockets('hello'))).toBe('sockets-b');
  expect(await world.addons.url('shop', 'hello')).toContain(encodeURIComponent(socketOf(world)));
}, 60_000);
