import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Finding, FindingKind } from '../../lib/operations/results.ts';
import { currentProcess } from '../../lib/state/process-identity.ts';
import { crontabProgram } from './crontab-program.ts';
import { foreign, leave } from './journal.ts';
import { failure, platform, type World } from './world.ts';

/** An app `shop` with a released resource of `vault`; nothing is wrong. */
async function clean(): Promise<World & { dir: string; id: string }> {
  const world = platform({ scriptPath: crontabProgram().scriptPath });
  await world.enable('vault');
  const dir = world.app('shop');
  const { id = '' } = await world.addons.add('shop', 'vault');
  await world.addons.release('shop');
  return { ...world, dir, id };
}

type Clean = Awaited<ReturnType<typeof clean>>;

interface Cause {
  spoil(world: Clean): void | Promise<void>;
  /** What the one finding says. */
  finds: Partial<Finding>;
  /** Kinds that come with it. */
  besides?: FindingKind[];
}

const containing = (text: string): string => expect.stringContaining(text);

// The type asks for every kind there is.
const CAUSES: Record<FindingKind, Cause> = {
  quarantined: {
    spoil: ({ addons, app }) => {
      app('blog');
      leave(addons, { kind: 'add', addon: 'vault', app: 'blog', quarantine: 'provision died' });
    },
    finds: { app: 'blog', addon: 'vault', message: containing('needs a person: provision died') },
  },
  interrupted: {
    spoil: ({ addons }) => void leave(addons, { kind: 'enable', addon: 'vault' }),
    finds: { severity: 'warning', addon: 'vault', message: containing('The enable of vault (operation left') },
  },
  'foreign-owner': {
    spoil: ({ addons }) => void leave(addons, { kind: 'disable', addon: 'vault', owner: foreign() }),
    finds: {
      severity: 'warning',
      message: containing('process 4711 of another machine'),
      hint: containing('unlock left'),
    },
  },
  journal: {
    spoil: ({ addons }) => {
      mkdirSync(join(addons.platform.journal, 'damaged'));
      writeFileSync(join(addons.platform.journal, 'damaged/op'), '{');
    },
    finds: { operation: 'damaged', message: containing('cannot be read') },
  },
  orphan: {
    spoil: ({ addons }) => writeFileSync(join(addons.platform.addonData('vault'), 'ledger/lost-1'), ''),
    finds: { addon: 'vault', id: 'lost-1', hint: containing('addons adopt <app> vault lost-1') },
  },
  'missing-resource': {
    spoil: ({ addons, id }) => rmSync(join(addons.platform.addonData('vault'), 'ledger', id)),
    finds: { app: 'shop', addon: 'vault', message: containing('does not exist any more') },
  },
  'line-without-addon': {
    spoil: ({ app }) => void app('blog', '\ngone;1;x\n'),
    finds: { app: 'blog', addon: 'gone', id: '1', line: 2 },
  },
  'addon-disabled': {
    spoil: ({ app, install }) => {
      install('off');
      app('blog', 'off;1;x\n');
    },
    finds: { app: 'blog', addon: 'off', id: '1', line: 1, hint: 'addons enable off' },
  },
  'duplicate-line': {
    spoil: ({ app, addons }) => {
      for (const id of ['d1', 'd2']) writeFileSync(join(addons.platform.addonData('vault'), 'ledger', id), '');
      app('blog', 'vault;d1;x\nvault;d2;x\n');
    },
    finds: { app: 'blog', addon: 'vault', message: containing('Lines 1, 2 of') },
    besides: ['drift'],
  },
  'duplicate-id': {
    spoil: async ({ app, read, addons }) => {
      app('tore', read('shop', 'ADDONS'));
      await addons.release('tore');
    },
    finds: { app: 'tore', addon: 'vault', line: 1, message: containing('tore and shop both hold') },
  },
  'malformed-line': {
    spoil: ({ app }) => void app('blog', 'secret without a semicolon\n'),
    finds: { app: 'blog', line: 1, message: expect.not.stringContaining('secret') },
  },
  drift: {
    spoil: ({ install }) => install('vault', { url: 'echo vault://moved' }),
    finds: { severity: 'warning', app: 'shop', message: containing('is not what its url script says now') },
  },
  'stale-variable': {
    spoil: ({ app }) => writeFileSync(join(app('blog'), 'ENV'), "export X_VAULT_URL='x'\n", { mode: 0o600 }),
    finds: { severity: 'warning', app: 'blog', addon: 'vault', message: containing('X_VAULT_URL') },
  },
  'stale-name': {
    spoil: ({ dir }) => writeFileSync(join(dir, 'ADDONS.env'), 'other;OTHER\n', { mode: 0o600 }),
    finds: { severity: 'warning', app: 'shop', addon: 'other', message: containing('names OTHER for other') },
  },
  trash: {
    spoil: async ({ addons, app, read }) => {
      const line = read('shop', 'ADDONS');
      await addons.remove('shop', 'vault', { keepFor: 60 });
      app('blog', line);
      await addons.release('blog');
    },
    finds: { severity: 'warning', app: 'shop', addon: 'vault', message: containing('but blog holds it') },
  },
  'variable-clash': {
    spoil: async ({ enable, install, addons }) => {
      await enable('my-db');
      install('my_db');
      mkdirSync(addons.platform.addonData('my_db'));
      writeFileSync(addons.platform.marker('my_db'), '');
      mkdirSync(join(addons.platform.addonData('my_db'), 'ledger'));
    },
    finds: { addon: 'my_db', message: containing('my-db and my_db both set X_MY_DB_URL') },
  },
  'dangling-link': {
    spoil: ({ addons }) => symlinkSync('/nowhere/mine', addons.platform.addonRoot('mine')),
    finds: { addon: 'mine', message: containing('is a link to /nowhere/mine, which is not there') },
  },
  crontab: {
    spoil: ({ install }) =>
      install('vault', { 'addon.toml': '[[cron]]\nschedule = "@daily"\ncommand = ["./backup"]\n' }),
    finds: { severity: 'error', addon: 'vault', message: containing('are not in the crontab of') },
  },
  'half-installed': {
    spoil: ({ addons }) => {
      const { pid } = spawnSync('true');
      mkdirSync(join(addons.platform.versions, `vault@${pid}.0123456789ab`));
    },
    finds: { severity: 'warning', message: containing('is in force nowhere'), hint: 'addons check --fix' },
  },
  'daemon-drift': {
    spoil: ({ addons }) => {
      const { services: home } = addons.platform;
      const directory = join(home, 'add-ons/gone/a/server');
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, 'unit.json'), JSON.stringify({ home, addon: 'gone', daemon: 'server', set: 'a' }));
    },
    finds: { severity: 'warning', addon: 'gone', message: containing('is not enabled, and has daemons') },
  },
  'daemon-down': {
    spoil: ({ install, addons }) => {
      const toml = readFileSync(join(addons.platform.addonRoot('vault'), 'addon.toml'), 'utf8');
      install('vault', { 'addon.toml': `${toml}\n[daemons.server]\ncommand = ["serve"]\n` });
    },
    finds: { addon: 'vault', message: 'The daemon server (1) of vault does not run.' },
    besides: ['daemon-drift'],
  },
  'script-missing': {
    spoil: ({ addons }) => chmodSync(join(addons.platform.addonRoot('vault'), 'unprovision'), 0o644),
    finds: { addon: 'vault', message: containing('is not executable') },
  },
  'script-failed': {
    spoil: ({ install }) => install('vault', { list: 'echo no connection >&2; exit 1' }),
    finds: { addon: 'vault', message: 'list of vault failed with exit status 1: no connection' },
  },
  mode: {
    spoil: ({ dir }) => chmodSync(join(dir, 'ADDONS'), 0o644),
    finds: { app: 'shop', message: containing('has mode 644'), hint: containing('chmod 600') },
  },
  owner: {
    spoil: ({ dir }) => chownSync(join(dir, 'ENV'), 65534, 65534),
    finds: { app: 'shop', message: containing('belongs to user 65534'), hint: containing('chown 0') },
  },
  processor: {
    spoil: ({ addons }) => {
      mkdirSync(addons.platform.processors, { recursive: true });
      writeFileSync(addons.platform.settings, '[processors.sylsog]\n');
    },
    finds: { severity: 'warning', message: containing('sylsog is not there') },
  },
  plugin: {
    spoil: ({ addons }) => void mkdirSync(join(addons.platform.etcRoot, 'plugins/odd'), { recursive: true }),
    finds: { severity: 'warning', message: containing('The plugin odd is not run') },
  },
  unreadable: {
    spoil: ({ app }) => symlinkSync('/dev/null', join(app('blog'), 'ADDONS')),
    finds: { app: 'blog', message: containing('is a symbolic link') },
  },
};

it('finds nothing wrong with a clean platform', async () => {
  const { addons, app } = await clean();
  app('blog');
  expect(await addons.check()).toEqual({ findings: [], fixed: [], apps: 2, addons: 1, operations: 0 });
});

it('finds nothing wrong with a platform that does not exist yet', async () => {
  const { addons } = platform();
  expect(await addons.check()).toEqual({ findings: [], fixed: [], apps: 0, addons: 0, operations: 0 });
});

describe('finds', () => {
  for (const [kind, { spoil, finds, besides = [] }] of Object.entries(CAUSES)) {
    // Only root can give a file to somebody else.
    it.skipIf(kind === 'owner' && process.getuid?.() !== 0)(kind, async () => {
      const world = await clean();
      await spoil(world);
      const { findings } = await world.addons.check();
      expect([...new Set(findings.map((one) => one.kind))].sort()).toEqual([kind, ...besides].sort());
      expect(findings.find((one) => one.kind === kind)).toMatchObject({ severity: 'error', ...finds });
    });
  }
});

it('names a variable that is not in ENV yet', async () => {
  const { addons, dir } = await clean();
  rmSync(join(dir, 'ENV'));
  expect((await addons.check()).findings).toMatchObject([{ kind: 'drift', message: containing('is not in ENV yet') }]);
});

it('reports a url script that fails with its line', async () => {
  const { addons, install } = await clean();
  install('vault', { url: 'exit 3' });
  expect((await addons.check()).findings).toMatchObject([{ kind: 'script-failed', app: 'shop', severity: 'error' }]);
});

it('reports a list script that prints something else than ids', async () => {
  const { addons, install } = await clean();
  install('vault', { list: 'echo "id;private"' });
  expect((await addons.check()).findings).toMatchObject([
    { kind: 'script-failed', addon: 'vault', message: 'list of vault printed an id with a semicolon.' },
  ]);
});

it('reports an add-on whose addon.toml cannot be read once', async () => {
  const { addons, install } = await clean();
  install('vault2', { 'addon.toml': 'oops' });
  expect((await addons.check()).findings).toMatchObject([{ kind: 'unreadable', addon: 'vault2' }]);
});

it('takes no resource for an orphan while the add that makes it is under way', async () => {
  const { addons, app, journal } = await clean();
  app('blog');
  const id = leave(addons, { kind: 'add', addon: 'vault', app: 'blog', runs: [{ script: 'provision' }] });
  writeFileSync(join(addons.platform.addonData('vault'), 'ledger/blog-1'), '');
  expect((await addons.check()).findings.map(({ kind }) => kind)).toEqual(['interrupted']);
  expect(journal()).toEqual([id]);
});

it('takes what an open operation tells of for no orphan', async () => {
  const { addons, app } = await clean();
  app('blog');
  for (const id of ['blog-1', 'blog-2']) writeFileSync(join(addons.platform.addonData('vault'), 'ledger', id), '');
  leave(addons, { kind: 'add', addon: 'vault', app: 'blog', runs: [{ script: 'provision', out: 'blog-1;x\n' }] });
  leave(addons, { kind: 'remove', addon: 'vault', app: 'blog', resource: 'blog-2' });
  expect((await addons.check()).findings.map(({ kind }) => kind)).toEqual(['interrupted', 'interrupted']);
});

it('takes what a living process works on for right', async () => {
  const { addons } = await clean();
  leave(addons, { kind: 'enable', addon: 'vault', owner: currentProcess() });
  expect(await addons.check()).toMatchObject({ findings: [], operations: 1 });
});

it('changes nothing', async () => {
  const { addons, app, tree, home } = await clean();
  app('blog', 'gone;1;\n');
  leave(addons, { kind: 'add', addon: 'vault', app: 'blog', runs: [{ script: 'provision' }] });
  const before = tree();
  await addons.check();
  const after = tree();
  // The directory of the scripts' output was used, their executions are kept, and the script of the fixture keeps a log.
  const kept = join(addons.platform.executions, 'vault.jsonl');
  for (const path of [join(home, 'lib/outputs'), kept, join(addons.platform.addonData('vault'), 'ran')]) {
    delete before[path];
    delete after[path];
  }
  expect(after).toEqual(before);
});

it('takes what is in the trash, or marked as kept, for no orphan', async () => {
  const { addons, id } = await clean();
  await addons.remove('shop', 'vault', { keepFor: 60 });
  writeFileSync(addons.platform.kept('vault'), 'old-1\n');
  writeFileSync(join(addons.platform.addonData('vault'), 'ledger/old-1'), '');
  expect((await addons.trash()).map((item) => item.id)).toEqual([id]);
  expect((await addons.check()).findings).toEqual([]);
});

it('finds what nobody can take out of the trash', async () => {
  const { addons, id } = await clean();
  await addons.remove('shop', 'vault', { keepFor: 60 });
  writeFileSync(join(addons.platform.trash, 'damaged'), '{');
  rmSync(addons.platform.addonRoot('vault'), { recursive: true });
  expect((await addons.check()).findings).toMatchObject([
    { kind: 'trash', severity: 'error', operation: 'damaged', message: containing('cannot be read') },
    { kind: 'trash', severity: 'error', id, app: 'shop', message: containing('vault is not installed') },
  ]);
});

it('takes a record for right while the remove or the undo that it is about is under way', async () => {
  const { addons } = await clean();
  const before = readFileSync(join(addons.platform.appDir('shop'), 'ADDONS'));
  await addons.remove('shop', 'vault', { keepFor: 60 });
  await addons.release('shop');
  writeFileSync(join(addons.platform.appDir('shop'), 'ADDONS'), before);
  const [record = ''] = readdirSync(addons.platform.trash);
  const kinds = async () => (await addons.check()).findings.map(({ kind }) => kind);
  expect(await kinds()).toEqual(['trash', 'drift']);
  const undo = leave(addons, { kind: 'undo', addon: 'vault', app: 'shop', owner: currentProcess() });
  const op = join(addons.platform.journal, undo, 'op');
  writeFileSync(op, JSON.stringify({ ...JSON.parse(readFileSync(op, 'utf8')), trashed: record }));
  expect(await kinds()).toEqual(['drift']);
});

it('stops at an abort', async () => {
  const { addons, install } = await clean();
  install('vault', { list: 'sleep 10' });
  expect(await failure(addons.check({ signal: AbortSignal.timeout(100) }))).toMatchObject({ code: 'aborted' });
  install('vault', { list: undefined, url: 'sleep 10' });
  expect(await failure(addons.check({ signal: AbortSignal.timeout(100) }))).toMatchObject({ code: 'aborted' });
});
