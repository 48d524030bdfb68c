import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command, Job, Told } from './driver.ts';
import { readFacts } from './facts.ts';
import { KEPT, verdict } from './oracle.ts';
import { inParallel, openWorkshop, type Workshop, type World } from './world.ts';

const isRoot = process.geteuid?.() === 0;
const NOBODY = 65534;
const AS_NOBODY = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.remove());

describe('secrets are readable by their owner alone, at every moment', () => {
  it.each([0o000, 0o077, 0o022])('under umask %o', async (umask) => {
    const world = workshop.makeWorld();
    const wrong = new Set<string>();
    world.atPoint('plain', 'provision-printed', '0.2');
    let done = false;
    const watching = (async () => {
      for (; !done; await delay(1)) for (const found of tooOpen(world)) wrong.add(found);
    })();
    const commands: Command[] = [
      ['enable', 'plain'],
      ['add', 'shop', 'plain'],
      ['release', 'shop'],
      ['add', 'blog', 'plain'],
      ['remove', 'blog', 'plain'],
      ['release', 'blog'],
    ];
    for (const command of commands) expect((await world.drive(command, { umask })).error).toBeUndefined();
    done = true;
    await watching;
    expect([...wrong]).toEqual([]);
    expect(await verdict(world)).toEqual(KEPT);
  });
});

describe.skipIf(!isRoot)('(as root) another user', () => {
  it('can read none of it, and is told that he may not', async () => {
    const world = await workshop.makeWorld().prepare([
      ['enable', 'plain'],
      ['enable', 'db'],
      ['add', 'shop', 'plain'],
      ['release', 'shop'],
    ]);
    const { started, ended } = slowAdd(world);
    await started;
    const secrets = ['shop/ADDONS', 'shop/ENV'].map((name) => join(world.home, 'apps', name));
    for (const path of [...secrets, ...['journal', 'locks', 'stamps'].map((name) => join(world.home, 'lib', name))])
      expect(asNobody('cat "$1" || ls "$1/"', path), path).toEqual({ status: 2, stdout: '' });
    expect(asNobody('grep -rl "secret-[0-9a-z]" "$1" --exclude-dir=ledger || exit 0', world.home).stdout).toBe('');
    expect((await ended).error).toBeUndefined();

    const commands: Command[] = [
      ['add', 'blog', 'db'],
      ['remove', 'shop', 'plain'],
      ['release', 'shop'],
      ['disable', 'plain', 'force'],
      ['delete', 'shop'],
    ];
    for (const command of commands) {
      const { error } = await driveAsNobody(world, command);
      expect(error, command.join(' ')).toMatchObject({ ours: true, code: 'permission', hint: expect.any(String) });
    }
    expect(readFacts(world).lines).toMatchObject([{ app: 'blog' }, { app: 'shop' }]);
    expect(await verdict(world)).toEqual(KEPT);
  });
});

describe.skipIf(!isRoot)("(as root) on another user's platform", () => {
  it('what root begins or makes, the platform’s own user can go on with', async () => {
    const world = nobodysWorld();
    await world.prepare([
      ['enable', 'db'],
      ['add', 'shop', 'db'],
      ['release', 'shop'],
      ['add', 'blog', 'db'],
    ]);
    expect(notNobodys(world)).toEqual([]);
    for (const command of [
      ['release', 'shop'],
      ['release', 'blog'],
      ['remove', 'shop', 'db'],
      ['disable', 'db', 'force'],
      ['enable', 'db'],
      ['add', 'shop', 'db'],
    ] satisfies Command[])
      expect((await driveAsNobody(world, command)).error, command.join(' ')).toBeUndefined();
    await world.prepare([['remove', 'shop', 'db']]);
    expect(notNobodys(world)).toEqual([]);
    expect(await verdict(world)).toEqual(KEPT);
  });

  it('what root leaves behind at any step, the platform’s own user recovers', { timeout: 240_000 }, async () => {
    for (const command of [
      ['add', 'shop', 'db'],
      ['remove', 'shop', 'db'],
    ] satisfies Command[]) {
      const before: Command[] = command[0] === 'add' ? [] : [['add', 'shop', 'db']];
      const counted = nobodysWorld();
      const { steps, error } = await (await counted.prepare([['enable', 'db'], ...before])).drive(command);
      expect(error).toBeUndefined();
      const points = steps.flatMap(({ what }, index) =>
        (['before', 'after'] as const).map((when) => ({ what, step: index + 1, when })),
      );
      await inParallel(points, async ({ what, step, when }) => {
        const where = `${command[0]} killed ${when} step ${step} (${what})`;
        const world = nobodysWorld();
        await world.prepare([['enable', 'db'], ...before]);
        expect((await world.drive(command, { kill: { step, when } })).signal, where).toBe('SIGKILL');
        const recovered = await driveAsNobody(world, ['release', 'shop']);
        expect(recovered.error, where).toBeUndefined();
        expect(await verdict(world), where).toEqual(KEPT);
        expect(readFacts(world).entries, where).toEqual([]);
        expect(notNobodys(world), where).toEqual([]);
        world.remove();
      });
    }
  });

  it.each(['fallocate', 'chown', 'ln', 'sync'])('and when its wrapper died at %s', async (tool) => {
    const shims = workshop.directory();
    const world = nobodysWorld(`${shims}:/usr/sbin:/usr/bin:/sbin:/bin`);
    await world.prepare([['enable', 'db']]);
    const dies = join(shims, tool);
    execFileSync('sh', ['-c', `printf '#!/bin/sh\\nkill -9 $(cat ${shims}/manager) 0\\n' >${dies}; chmod +x ${dies}`]);
    const killed = await world.drive(['add', 'shop', 'db'], { announce: join(shims, 'manager') });
    expect(killed.signal).toBe('SIGKILL');
    execFileSync('rm', [dies]);
    expect((await driveAsNobody(world, ['release', 'shop'])).error).toBeUndefined();
    expect(await verdict(world)).toEqual(KEPT);
    expect(readFacts(world).entries).toEqual([]);
  });
});

function slowAdd(world: World) {
  world.atPoint('plain', 'provision-printed', '1');
  const { ended } = world.start(['add', 'blog', 'plain']);
  const reached = async () => {
    while (!world.wasReached('plain', 'provision-printed')) await delay(10);
  };
  return { started: reached(), ended };
}

const SECRET_DIRECTORIES = ['journal', 'locks', 'stamps', 'outputs'];

/** Files and directories that hold secrets and that others could open now. */
function tooOpen({ home }: World): string[] {
  const apps = ['shop', 'blog'].map((app) => join(home, 'apps', app));
  const files = apps.flatMap((app) => names(app).map((name) => join(app, name)));
  const below = SECRET_DIRECTORIES.map((name) => join(home, 'lib', name)).filter(existsSync);
  // What the shells write below `outputs` is out of reach behind the directory.
  const within = below.filter((directory) => !directory.endsWith('outputs')).flatMap(everythingBelow);
  return [...files, ...below, ...within].filter((path) => {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    return stat && (stat.mode & 0o077) !== 0;
  });
}

function everythingBelow(directory: string): string[] {
  return names(directory).flatMap((name) => [join(directory, name), ...everythingBelow(join(directory, name))]);
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // no directory, or gone meanwhile
  }
}

function nobodysWorld(scriptPath?: string): World {
  const home = join(workshop.directory(), 'home');
  mkdirSync(home, { recursive: true });
  chmodSync(join(home, '..'), 0o755);
  const world = workshop.makeWorld({ home, ...(scriptPath && { scriptPath }) });
  for (const name of ['db', 'plain']) execFileSync('chmod', ['-R', 'a+rX', join(home, 'lib', 'add-ons', name)]);
  execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, home]);
  // The data of the add-on is the fixture's, whoever runs it.
  const data = world.platform.platform.addonData('db');
  for (const path of [join(data, '..'), ...['', 'ledger', 'data', 'unprovisioned'].map((name) => join(data, name))]) {
    mkdirSync(path, { recursive: true });
    chownSync(path, NOBODY, NOBODY);
  }
  return world;
}

/** What of the platform's own files its user could not go on with. */
const notNobodys = ({ home }: World): string[] =>
  [join(home, 'apps', 'shop'), join(home, 'apps', 'blog'), ...SECRET_DIRECTORIES.map((name) => join(home, 'lib', name))]
    .flatMap((directory) => [directory, ...everythingBelow(directory)])
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.uid !== NOBODY);

function asNobody(program: string, path: string): { status: number | null; stdout: string } {
  const { status, stdout } = spawnSync('setpriv', [...AS_NOBODY, 'sh', '-c', program, 'sh', path]);
  return { status, stdout: stdout.toString() };
}

const jobFor = ({ paths }: World, command: Command): Job => ({ platform: paths, command, options: { wait: 20 } });

function driveAsNobody(world: World, command: Command): Promise<Told> {
  const words = [...AS_NOBODY, process.execPath, workshop.program, JSON.stringify(jobFor(world, command))];
  const child = spawn('setpriv', words, { cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  return new Promise((resolve) => child.on('close', () => resolve(JSON.parse(text))));
}
