import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Disk, nodeDisk } from '../../lib/state/disk.ts';
import { steppingDisk } from '../crash/stepping-disk.ts';
import { collect, failure, listener, platform, type World } from './world.ts';

/** An add-on that was enabled and disabled: its data directory is there. */
async function disabled(world: World, name = 'vault') {
  await world.enable(name);
  await world.addons.disable(name);
}

const isThere = ({ addons }: World, name = 'vault') => existsSync(addons.platform.addonRoot(name));

describe('an add-on that nothing uses', () => {
  it('goes, and its data directory where nothing is in it', async () => {
    const world = platform();
    const { addons, install } = world;
    install('vault');
    mkdirSync(addons.platform.addonData('vault'), { recursive: true });
    writeFileSync(addons.platform.kept('vault'), '');
    const { events, onProgress } = listener();
    expect(await addons.uninstall('vault', { onProgress })).toEqual({ addon: 'vault', outcome: 'done', steps: [] });
    expect(events).toEqual([{ type: 'step', message: 'Uninstalling vault' }]);
    expect(readdirSync(addons.platform.addonsRoot)).toEqual([]);
    expect(existsSync(addons.platform.addonData('vault'))).toBe(false);
  });

  it('leaves what its scripts kept, and the overrides, and says so', async () => {
    const world = platform();
    const { addons } = world;
    await disabled(world); // `ran` stays in its data directory
    const overrides = addons.platform.addonOverrides('vault');
    mkdirSync(join(overrides, '..'), { recursive: true });
    writeFileSync(overrides, '');
    const left = addons.platform.addonData('vault');
    expect(await addons.uninstall('vault')).toEqual({ addon: 'vault', outcome: 'done', left, overrides, steps: [] });
    expect([readdirSync(left), existsSync(overrides)]).toEqual([['ran'], true]);
  });

  it('may be a broken one', async () => {
    const world = platform();
    world.install('vault', { 'addon.toml': 'nonsense', enable: undefined });
    expect(await world.addons.uninstall('vault')).toMatchObject({ outcome: 'done' });
  });

  it('may be a link: what it leads to stays', async () => {
    const world = platform();
    const target = join(world.home, 'work');
    mkdirSync(target);
    writeFileSync(join(target, 'enable'), '');
    mkdirSync(world.addons.platform.addonsRoot, { recursive: true });
    symlinkSync(target, world.addons.platform.addonRoot('mine'));
    expect(await world.addons.uninstall('mine')).toMatchObject({ outcome: 'done' });
    expect([readdirSync(world.addons.platform.addonsRoot), readdirSync(target)]).toEqual([[], ['enable']]);
  });

  it('can be installed again and used', async () => {
    const { addons, app } = platform();
    app('shop');
    await addons.install('db', { as: 'queue' });
    await addons.enable('queue');
    await addons.disable('queue');
    await addons.uninstall('queue');
    expect(await failure(addons.enable('queue'))).toMatchObject({ code: 'addon-not-found' });
    await addons.install('db', { as: 'queue' });
    await addons.enable('queue');
    expect(await addons.add('shop', 'queue')).toMatchObject({ outcome: 'done', configVar: 'X_QUEUE_URL' });
  });

  it('is in the operations log', async () => {
    const world = platform();
    world.install('vault');
    await world.addons.uninstall('vault');
    expect(await collect(world.addons.log({ addon: 'vault' }))).toMatchObject([{ what: 'uninstall', outcome: 'done' }]);
  });
});

describe('what is not installed', () => {
  it('but shipped, is so already', async () => {
    const { addons, home } = platform();
    expect(await addons.uninstall('db')).toEqual({ addon: 'db', outcome: 'unchanged', steps: [] });
    expect(readdirSync(home)).toEqual([]);
  });

  it('is told with the nearest name', async () => {
    const { addons, install } = platform();
    install('vault');
    expect(await failure(addons.uninstall('vualt'))).toMatchObject({
      code: 'addon-not-found',
      message: expect.stringContaining('Did you mean "vault"?'),
    });
    expect(await failure(addons.uninstall('../vault'))).toMatchObject({ code: 'usage' });
  });
});

describe('refused, also with a dry run, is one', () => {
  const refusal = async (world: World) => {
    const before = readdirSync(world.addons.platform.addonRoot('vault'));
    const dry = await failure(world.addons.uninstall('vault', { dryRun: true }));
    const error = await failure(world.addons.uninstall('vault', { wait: 0 }));
    expect(readdirSync(world.addons.platform.addonRoot('vault'))).toEqual(before);
    expect(dry.code).toBe(error.code);
    return error;
  };

  it('that is enabled', async () => {
    const world = platform();
    await world.enable('vault');
    expect(await refusal(world)).toMatchObject({ code: 'in-use', hint: 'Disable it first: addons disable vault' });
  });

  it('that an app has a line for', async () => {
    const world = platform();
    await disabled(world);
    world.app('shop', 'vault;1;x\n');
    world.app('blog', 'vault;2;x\n');
    expect(await refusal(world)).toMatchObject({ code: 'in-use', message: 'vault is in use by 2 apps: blog, shop.' });
  });

  it('that an ADDONS file which cannot be read may name', async () => {
    const world = platform();
    await disabled(world);
    mkdirSync(join(world.app('shop'), 'ADDONS'));
    expect(await refusal(world)).toMatchObject({ code: 'malformed' });
  });

  it('whose resource is in the trash', async () => {
    const world = platform();
    const { addons } = world;
    await world.enable('vault');
    world.app('shop');
    await addons.add('shop', 'vault');
    await addons.remove('shop', 'vault', { keepFor: 60 });
    spawnSync('rm', [addons.platform.marker('vault')]); // by hand: a disable would refuse
    expect(await refusal(world)).toMatchObject({ code: 'in-use', message: 'The trash holds 1 resource of vault.' });
    const [item] = await addons.trash();
    writeFileSync(join(addons.platform.trash, item?.operation ?? ''), '{');
    expect(await refusal(world)).toMatchObject({ code: 'malformed' });
  });

  it('whose resource is marked as kept', async () => {
    const world = platform();
    await disabled(world);
    writeFileSync(world.addons.platform.kept('vault'), 'precious\n');
    expect(await refusal(world)).toMatchObject({
      code: 'in-use',
      message: '1 resource of vault is marked as kept: precious.',
    });
  });

  it('that an operation needs a person for', async () => {
    const world = platform();
    await world.enable('vault', { provision: 'echo nonsense' }, 'bare');
    world.app('shop');
    await failure(world.addons.add('shop', 'vault'));
    spawnSync('rm', [world.addons.platform.marker('vault')]);
    expect(world.journal()).toHaveLength(1);
    expect(await failure(world.addons.uninstall('vault'))).toMatchObject({ code: 'quarantined' });
    expect(await failure(world.addons.uninstall('vault', { dryRun: true }))).toMatchObject({ code: 'in-use' });
    expect(isThere(world)).toBe(true);
  });
});

it.skipIf(process.geteuid?.() !== 0)('(as root) what root installed is left to root', async () => {
  const world = platform();
  await world.addons.install('db', { as: 'queue' });
  const { libRoot } = world.addons.platform;
  // The add-ons directory, too: the name could be taken, but not what is in it.
  for (const name of readdirSync(libRoot)) chownSync(join(libRoot, name), NOBODY, NOBODY);
  chownSync(world.home, NOBODY, NOBODY);
  process.seteuid?.(NOBODY);
  const error = await failure(world.addons.uninstall('queue', { dryRun: true })).finally(() => process.seteuid?.(0));
  expect(error).toMatchObject({ code: 'permission', message: expect.stringContaining('belongs to user 0') });
});

const NOBODY = 65534;

it('with a dry run only looks', async () => {
  const world = platform();
  await disabled(world);
  const before = world.tree();
  expect(await world.addons.uninstall('vault', { dryRun: true })).toEqual({
    addon: 'vault',
    outcome: 'planned',
    left: world.addons.platform.addonData('vault'),
    steps: [`remove ${world.addons.platform.addonRoot('vault')}`],
  });
  expect(world.tree()).toEqual(before);
});

describe('beside an enable', () => {
  it('that came first: it waits, and is refused', async () => {
    const world = platform();
    world.install('vault', { enable: 'sleep 0.3' });
    const enabling = world.addons.enable('vault');
    await world.begun();
    expect(await failure(world.open().uninstall('vault'))).toMatchObject({ code: 'in-use' });
    expect(await enabling).toMatchObject({ outcome: 'done' });
    expect([isThere(world), existsSync(world.addons.platform.marker('vault'))]).toEqual([true, true]);
  });

  it('that came first and failed: then it goes', async () => {
    const world = platform();
    world.install('vault', { enable: 'sleep 0.2; exit 3' });
    const enabling = failure(world.addons.enable('vault'));
    await world.begun();
    expect(await world.open().uninstall('vault')).toMatchObject({ outcome: 'done' });
    expect(await enabling).toMatchObject({ code: 'script-failed' });
  });

  it('that comes when it is about to be renamed: the enable is told, and leaves nothing', async () => {
    const world = platform();
    world.install('vault');
    const [disk, held, go] = holding('rename', (path) => path.endsWith('/add-ons/vault'));
    const uninstalling = world.open({ disk }).uninstall('vault');
    await held;
    const enabling = failure(world.addons.enable('vault')); // has seen the directory, and waits for the lock
    await new Promise((soon) => setTimeout(soon, 50));
    go();
    expect(await uninstalling).toMatchObject({ outcome: 'done' });
    expect(await enabling).toMatchObject({ code: 'conflict', message: 'vault was uninstalled at the same moment.' });
    expect([isThere(world), existsSync(world.addons.platform.addonData('vault'))]).toEqual([false, false]);
    expect(world.journal()).toEqual([]);
  });

  it('whoever is faster, there is never a marker without a directory', async () => {
    for (let round = 0; round < 12; round++) {
      const world = platform();
      world.install('vault');
      const enable = () => world.addons.enable('vault');
      const uninstall = () => world.open().uninstall('vault');
      await Promise.allSettled(round % 2 === 0 ? [enable(), uninstall()] : [uninstall(), enable()]);
      expect(existsSync(world.addons.platform.marker('vault'))).toBe(isThere(world));
      expect(world.journal()).toEqual([]);
    }
  });
});

it('beside an add that found it enabled and has not written its entry: the add is withdrawn', async () => {
  const world = platform();
  await world.enable('vault');
  world.app('shop');
  const [disk, held, go] = holding('rename', (_, to = '') => /\/journal\/[a-z0-9]+$/.test(to));
  const adding = failure(world.open({ disk }).add('shop', 'vault'));
  await held;
  await world.addons.disable('vault');
  await world.addons.uninstall('vault');
  go();
  expect(await adding).toMatchObject({ code: 'not-enabled' });
  expect([isThere(world), world.journal(), world.read('shop', 'ADDONS')]).toEqual([false, [], '']);
});

it('an interrupted disable is brought to its end first', async () => {
  const world = platform();
  await world.enable('vault');
  const disk: Disk = { ...nodeDisk, unlink: (path) => (path.endsWith('/enabled') ? died() : nodeDisk.unlink(path)) };
  await failure(world.open({ disk }).disable('vault'));
  expect(world.journal()).toHaveLength(1);
  expect(await world.addons.uninstall('vault')).toMatchObject({ outcome: 'done' });
  expect([isThere(world), world.journal()]).toEqual([false, []]);
});

it('dead at any step there is the whole add-on or none, and the same command goes on', async () => {
  for (let last = 1, ended = false; !ended; last++) {
    const world = platform();
    await disabled(world);
    const before = readdirSync(world.addons.platform.addonRoot('vault'));
    const disk = steppingDisk(nodeDisk, { before: (number) => (number >= last ? died() : undefined) });
    const { events, onProgress } = listener();
    ended = await world
      .open({ disk })
      .uninstall('vault', { onProgress })
      .then(
        () => !events.some(({ type }) => type === 'warning'),
        () => false,
      );
    if (isThere(world)) expect(readdirSync(world.addons.platform.addonRoot('vault'))).toEqual(before);
    const again = await world.addons.uninstall('vault').catch((error) => error);
    expect(again.outcome === 'done' || again.code === 'addon-not-found').toBe(true);
    expect(isThere(world)).toBe(false);
    expect(last).toBeLessThan(20);
    if (ended) expect(last).toBeGreaterThan(3);
  }
});

it('what could not be removed is told, and swept by "check --fix"', async () => {
  const world = platform();
  world.install('vault');
  const disk: Disk = { ...nodeDisk, removeTree: async () => died() };
  const { events, onProgress } = listener();
  expect(await world.open({ disk }).uninstall('vault', { onProgress })).toMatchObject({ outcome: 'done' });
  expect(events.at(-1)).toMatchObject({ type: 'warning', message: expect.stringContaining('addons check --fix') });
  const { addonsRoot } = world.addons.platform;
  const [left = ''] = readdirSync(addonsRoot);
  const { pid } = spawnSync('true');
  spawnSync('mv', [join(addonsRoot, left), join(addonsRoot, left.replace(`.${process.pid}.`, `.${pid}.`))]);
  await world.addons.check({ fix: true });
  expect(readdirSync(addonsRoot)).toEqual([]);
});

/** A disk that stops before one step until it is let go. */
function holding(what: 'rename', where: (path: string, to?: string) => boolean): [Disk, Promise<void>, () => void] {
  let reached = () => {};
  let go = () => {};
  const held = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const free = new Promise<void>((resolve) => {
    go = resolve;
  });
  const rename: Disk['rename'] = async (path, to) => {
    if (where(path, to)) {
      reached();
      await free;
    }
    return nodeDisk[what](path, to);
  };
  return [{ ...nodeDisk, rename }, held, () => go()];
}

function died(): never {
  throw Object.assign(new Error('the process is dead'), { code: 'EIO' });
}
