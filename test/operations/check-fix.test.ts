import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FindingKind } from '../../lib/operations/results.ts';
import { needs } from '../require.ts';
import { dead, foreign, leave } from './journal.ts';
import { collect, failure, listener, platform, type World } from './world.ts';

/** An app `shop` with a released resource of `vault`; nothing is wrong. */
async function clean(): Promise<World & { dir: string; id: string }> {
  const world = platform();
  await world.enable('vault');
  const dir = world.app('shop');
  const { id = '' } = await world.addons.add('shop', 'vault');
  await world.addons.release('shop');
  return { ...world, dir, id };
}

type Clean = Awaited<ReturnType<typeof clean>>;

const kindsOf = (findings: { kind: FindingKind }[]) => [...new Set(findings.map(({ kind }) => kind))].sort();

/** Makes something wrong that can be repaired, and looks at what became of it. */
const REPAIRED: Record<string, [FindingKind[], (world: Clean) => unknown, (world: Clean) => unknown]> = {
  'an interrupted add whose script had ended gets its line, and its variable': [
    ['interrupted', 'drift'],
    ({ addons, app }) => {
      app('blog');
      writeFileSync(join(addons.platform.addonData('vault'), 'ledger/blog-1'), '');
      const runs = [{ script: 'provision', out: 'blog-1;x\n', status: 0 }];
      leave(addons, { kind: 'add', addon: 'vault', app: 'blog', runs });
    },
    ({ read, journal }) => {
      expect(read('blog', 'ADDONS')).toBe('vault;blog-1;x\n');
      expect(read('blog', 'ENV')).toContain('X_VAULT_URL');
      expect(journal()).toEqual([]);
    },
  ],
  'a variable of another value is released': [
    ['drift'],
    ({ install }) => install('vault', { url: 'echo vault://moved' }),
    ({ read }) => expect(read('shop', 'ENV')).toContain("X_VAULT_URL='vault://moved'"),
  ],
  'a file that others can read': [
    ['mode'],
    ({ dir }) => chmodSync(join(dir, 'ADDONS'), 0o644),
    ({ dir }) => expect(lstatSync(join(dir, 'ADDONS')).mode & 0o777).toBe(0o600),
  ],
  'a directory that others can enter': [
    ['mode'],
    ({ addons }) => chmodSync(addons.platform.journal, 0o755),
    ({ addons }) => expect(lstatSync(addons.platform.journal).mode & 0o777).toBe(0o700),
  ],
  'a line that stands there twice': [
    ['drift', 'duplicate-line'],
    ({ app, read }) => {
      const line = read('shop', 'ADDONS');
      app('shop', `${line}not a line\n${line}${line}`);
      rmSync(join(app('shop'), 'ENV'));
    },
    ({ read, id }) => {
      expect(read('shop', 'ADDONS')).toBe(`vault;${id};hunter2-shop\nnot a line\n`);
      expect(read('shop', 'ENV')).toContain('X_VAULT_URL');
    },
  ],
};

describe('repairs', () => {
  for (const [name, [kinds, spoil, look]] of Object.entries(REPAIRED)) {
    it(name, async () => {
      const world = await clean();
      await spoil(world);
      const { fixed, findings } = await world.addons.check({ fix: true });
      expect(kindsOf(fixed)).toEqual([...kinds].sort());
      expect(kindsOf(findings).filter((kind) => kind !== 'malformed-line')).toEqual([]);
      look(world);
      expect((await world.addons.check({ fix: true })).fixed).toEqual([]);
    });
  }

  it.skipIf(!needs('root'))('(as root) the owner of a file', async () => {
    const { addons, dir } = await clean();
    chownSync(dir, 65534, 65534);
    const { fixed, findings } = await addons.check({ fix: true });
    expect({ fixed: kindsOf(fixed), findings }).toEqual({ fixed: ['owner'], findings: [] });
    for (const name of ['ADDONS', 'ENV']) expect(lstatSync(join(dir, name)).uid).toBe(65534);
  });

  it('a name for a variable whose add-on the app does not have', async () => {
    const { addons, dir } = await clean();
    writeFileSync(join(dir, 'ADDONS.env'), 'vault;SAFE\nother;OTHER\n', { mode: 0o600 });
    const { fixed, findings } = await addons.check({ fix: true });
    expect({ fixed: kindsOf(fixed), findings }).toEqual({ fixed: ['drift', 'stale-name'], findings: [] });
    expect(readFileSync(join(dir, 'ADDONS.env'), 'utf8')).toBe('vault;SAFE\n');
  });

  it('removes what dead processes left half-made, and nothing of living ones', async () => {
    const { addons, dir } = await clean();
    const { platform } = addons;
    const places = [dir, platform.trash, platform.addonData('vault')];
    const temporary = (pid: number) => `.ADDONS.${pid}.0123456789ab.tmp`;
    for (const place of places) {
      for (const pid of [dead().pid, process.pid]) writeFileSync(join(place, temporary(pid)), '');
    }
    mkdirSync(join(platform.journal, `tmp.${dead().pid}-1.left.0123456789ab`));
    await addons.check({ fix: true });
    for (const place of places) {
      expect(readdirSync(place).filter((name) => name.endsWith('.tmp'))).toEqual([temporary(process.pid)]);
    }
    expect(readdirSync(platform.journal)).toEqual([]);
  });
});

/** What only a person can decide. */
const LEFT: Record<string, [FindingKind, (world: Clean) => unknown]> = {
  'an operation that needs a person': [
    'quarantined',
    ({ addons, app }) => {
      app('blog');
      leave(addons, { kind: 'add', addon: 'vault', app: 'blog', quarantine: 'provision died' });
    },
  ],
  'an operation of another machine': [
    'foreign-owner',
    ({ addons }) => leave(addons, { kind: 'disable', addon: 'vault', owner: foreign() }),
  ],
  'an entry that cannot be read': [
    'journal',
    ({ addons }) => {
      mkdirSync(join(addons.platform.journal, 'damaged'));
      writeFileSync(join(addons.platform.journal, 'damaged/op'), '{');
    },
  ],
  'a resource that no line holds': [
    'orphan',
    ({ addons }) => writeFileSync(join(addons.platform.addonData('vault'), 'ledger/lost-1'), ''),
  ],
  'a line whose resource is gone': [
    'missing-resource',
    ({ addons, id }) => rmSync(join(addons.platform.addonData('vault'), 'ledger', id)),
  ],
  'a line whose add-on is gone': ['line-without-addon', ({ app }) => app('blog', 'gone;1;x\n')],
  'a variable of no resource': [
    'stale-variable',
    ({ app }) => writeFileSync(join(app('blog'), 'ENV'), "export X_VAULT_URL='x'\n", { mode: 0o600 }),
  ],
  'a malformed line': ['malformed-line', ({ app }) => app('blog', 'oops\n')],
  'one resource in two apps': ['duplicate-id', ({ app, read }) => app('blog', read('shop', 'ADDONS'))],
  'a record of the trash that cannot be read': [
    'trash',
    ({ addons }) => writeFileSync(join(addons.platform.trash, 'damaged'), '{'),
  ],
};

describe('leaves, and says why', () => {
  for (const [name, [kind, spoil]] of Object.entries(LEFT)) {
    it(name, async () => {
      const world = await clean();
      await spoil(world);
      const { addons, read, journal } = world;
      const before = [read('shop', 'ADDONS'), read('blog', 'ADDONS'), journal()];
      const { findings } = await addons.check({ fix: true });
      expect(findings.find((one) => one.kind === kind)).toMatchObject({
        hint: expect.stringMatching(/^Left: \w.+\. \w/),
      });
      expect([read('shop', 'ADDONS'), read('blog', 'ADDONS'), journal()]).toEqual(before);
    });
  }

  it('two different lines of one add-on', async () => {
    const { addons, app, read } = await clean();
    const two = 'vault;1;x\nvault;1;x\nvault;2;x\n';
    app('blog', two);
    const { findings } = await addons.check({ fix: true });
    expect(findings.find(({ kind }) => kind === 'duplicate-line')?.hint).toMatch(/^Left: only a person/);
    // The release that would mend the variable was tried.
    expect(findings.find(({ kind }) => kind === 'drift')?.message).toContain('It could not be repaired: blog was not');
    expect(read('blog', 'ADDONS')).toBe(two);
  });
});

describe('a link', () => {
  it('that stands where a file should is not followed', async () => {
    const { addons, home, dir } = await clean();
    const target = join(home, 'target');
    writeFileSync(target, '', { mode: 0o644 });
    rmSync(join(dir, 'ENV'));
    symlinkSync(target, join(dir, 'ENV'));
    await addons.check({ fix: true });
    expect(lstatSync(target).mode & 0o777).toBe(0o644);
  });

  it('to the same file from elsewhere keeps it as it is, and says so', async () => {
    const { addons, home, dir } = await clean();
    const target = join(home, 'target');
    linkSync(join(dir, 'ADDONS'), target);
    chmodSync(target, 0o644);
    const { findings } = await addons.check({ fix: true });
    expect(findings.find(({ kind }) => kind === 'mode')?.message).toContain('has a second name elsewhere');
    expect(lstatSync(target).mode & 0o777).toBe(0o644);
  });
});

it('goes on after a repair that fails, and says why it failed', async () => {
  const { addons, dir, install, app } = await clean();
  app('blog');
  install('vault', { unprovision: 'echo server down >&2; exit 1' });
  const runs = [{ script: 'provision', out: 'blog-1;x\n', status: 1 }];
  leave(addons, { kind: 'add', addon: 'vault', app: 'blog', runs });
  chmodSync(join(dir, 'ENV'), 0o644);
  const { fixed, findings } = await addons.check({ fix: true });
  expect(kindsOf(fixed)).toEqual(['mode']);
  expect(findings).toMatchObject([
    {
      kind: 'interrupted',
      message: expect.stringMatching(/was interrupted\. It could not be repaired: .*server down/),
    },
  ]);
});

it('a dry run tells what would be repaired, and repairs nothing', async () => {
  const { addons, dir, app } = await clean();
  leave(addons, { kind: 'enable', addon: 'vault' });
  chmodSync(join(dir, 'ENV'), 0o644);
  app('blog', 'oops\n');
  const { fixed, findings } = await addons.check({ fix: true, dryRun: true });
  expect(kindsOf(fixed)).toEqual(['interrupted', 'mode']);
  expect(kindsOf(findings)).toEqual(['malformed-line']);
  expect(lstatSync(join(dir, 'ENV')).mode & 0o777).toBe(0o644);
  expect(kindsOf((await addons.check()).findings)).toEqual(['interrupted', 'malformed-line', 'mode']);
});

it('leaves a line in the log for each repair', async () => {
  const { addons, dir, install } = await clean();
  const before = (await collect(addons.log())).length;
  chmodSync(join(dir, 'ENV'), 0o644);
  install('vault', { url: 'echo vault://moved' });
  await addons.check({ fix: true });
  const lines = (await collect(addons.log())).slice(before);
  expect(lines.map(({ what, app, outcome }) => `${what} ${app} ${outcome}`)).toEqual([
    'fix mode shop done',
    'release shop done',
  ]);
});

it('repairs nothing, and warns of nothing, on a platform that does not exist yet', async () => {
  const { addons } = platform();
  const { events, onProgress } = listener();
  expect(await addons.check({ fix: true, onProgress })).toMatchObject({ findings: [], fixed: [] });
  expect(events).toEqual([]);
  expect(existsSync(addons.platform.journal)).toBe(false);
});

it('stops at an abort', async () => {
  const { addons, install } = await clean();
  install('vault', { url: 'sleep 10' });
  expect(await failure(addons.check({ fix: true, signal: AbortSignal.timeout(100) }))).toMatchObject({
    code: 'aborted',
  });
});

it('tells of a configuration file with a secret that every user can read, and leaves its mode to the operator', async () => {
  const { addons, install } = await clean();
  install('vault', { 'addon.toml': '[config]\nadmin_url = ""\n' });
  const path = addons.platform.addonOverrides('vault');
  mkdirSync(join(path, '..'), { recursive: true });
  const write = (url: string, mode: number) => {
    writeFileSync(path, `[config]\nadmin_url = "${url}"\n`);
    chmodSync(path, mode);
  };
  const findings = async () => (await addons.check({ fix: true })).findings.filter(({ kind }) => kind === 'mode');

  write('redis://admin:hidden@host', 0o640);
  expect(await findings()).toEqual([]);
  write('redis://host', 0o644);
  expect(await findings()).toEqual([]);
  write('redis://admin:hidden@host', 0o644);
  expect(await findings()).toMatchObject([{ addon: 'vault', path, hint: `chmod o-rwx ${path}` }]);
  expect(lstatSync(path).mode & 0o777).toBe(0o644);
});
