import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Addons, CallOptions } from '../../lib/operations/results.ts';
import { dead, leave } from './journal.ts';
import { collect, failure, platform } from './world.ts';

const dryRun = true;

/** Two apps with `vault`, one without; `spare` is installed and not enabled; an interrupted operation is left. */
async function world() {
  const made = platform();
  const { addons, app, enable, install, home } = made;
  await enable('vault');
  install('spare');
  for (const name of ['blog', 'shop']) {
    app(name);
    await addons.add(name, 'vault');
  }
  app('empty');
  await addons.release('blog');
  leave(addons, { kind: 'add', addon: 'vault', app: 'empty', runs: [{ script: 'provision', out: 'e1;x\n' }] });
  writeFileSync(join(home, 'in'), 'data');
  return made;
}

const PLANS: Record<string, { call: (addons: Addons, options: CallOptions) => Promise<unknown>; plan: object }> = {
  'enable of what is shipped': {
    call: (addons, options) => addons.enable('db', options),
    plan: {
      steps: [expect.stringContaining('copy the shipped'), 'run enable of db', expect.stringContaining('write ')],
    },
  },
  'enable of what is installed': {
    call: (addons, options) => addons.enable('spare', options),
    plan: { steps: ['run enable of spare', expect.stringContaining('write ')] },
  },
  'forced disable': {
    call: (addons, options) => addons.disable('vault', { ...options, force: true }),
    plan: {
      removed: [
        { app: 'blog', outcome: 'planned' },
        { app: 'shop', outcome: 'planned' },
      ],
    },
  },
  add: {
    call: (addons, options) => addons.add('empty', 'vault', options),
    plan: { configVar: 'X_VAULT_URL', steps: ['run provision of vault', expect.anything(), expect.anything()] },
  },
  remove: {
    call: (addons, options) => addons.remove('shop', 'vault', options),
    plan: {
      id: expect.stringMatching(/^shop-/),
      steps: [expect.stringContaining('data is destroyed'), expect.anything(), expect.anything()],
    },
  },
  'remove to the trash': {
    call: (addons, options) => addons.remove('shop', 'vault', { ...options, keepFor: 60 }),
    plan: {
      resource: 'in-trash',
      until: expect.any(String),
      steps: [expect.stringContaining('in the trash until'), expect.anything(), expect.anything()],
    },
  },
  'remove that only forgets': {
    call: (addons, options) => addons.remove('shop', 'vault', { ...options, forget: true }),
    plan: {
      resource: 'forgotten',
      steps: [expect.stringContaining('no script is run'), expect.anything(), expect.anything()],
    },
  },
  rotate: {
    call: (addons, options) => addons.rotate('shop', 'vault', options),
    plan: {
      id: expect.stringMatching(/^shop-/),
      configVars: ['X_VAULT_URL'],
      steps: [expect.stringContaining('run rotate of vault'), expect.anything(), expect.anything()],
    },
  },
  delete: { call: (addons, options) => addons.delete('shop', options), plan: { removed: [{ addon: 'vault' }] } },
  release: {
    call: (addons, options) => addons.release('shop', options),
    plan: { configVars: ['X_VAULT_URL'], changed: [] },
  },
  dump: {
    call: (addons, options) => addons.dump('shop', 'vault', { file: join(addons.platform.etcRoot, '../out') }, options),
    plan: {},
  },
  restore: {
    call: (addons, options) =>
      addons.restore('shop', 'vault', { file: join(addons.platform.etcRoot, '../in') }, options),
    plan: {},
  },
};

describe('a dry run changes nothing, runs nothing, and tells the plan of', () => {
  for (const [name, { call, plan }] of Object.entries(PLANS)) {
    it(name, async () => {
      const { addons, tree } = await world();
      const before = tree();
      expect(await call(addons, { dryRun })).toMatchObject({ outcome: 'planned', ...plan });
      expect(tree()).toEqual(before);
    });
  }

  it('a release of every app', async () => {
    const { addons, tree } = await world();
    const before = tree();
    const ends = await collect(addons.releaseAll({ dryRun }));
    expect(ends.map((end) => ('error' in end ? end.error : end.outcome)).sort()).toEqual([
      'planned',
      'planned',
      'unchanged',
    ]);
    expect(tree()).toEqual(before);
  });

  it('unlock', async () => {
    const { addons, tree } = await world();
    const key = leave(addons, { kind: 'enable', addon: 'spare', owner: dead() });
    const before = tree();
    expect(await addons.unlock(key, { dryRun })).toMatchObject({ freed: [] });
    expect(tree()).toEqual(before);
  });
});

describe('a dry run says that nothing is to be done of', () => {
  it('an add of what is there, an enable of what is enabled, a disable of what is disabled', async () => {
    const { addons, tree } = await world();
    const before = tree();
    expect(await addons.add('shop', 'vault', { dryRun })).toMatchObject({
      outcome: 'unchanged',
      id: expect.any(String),
    });
    expect(await addons.enable('vault', { dryRun })).toMatchObject({ outcome: 'unchanged' });
    expect(await addons.disable('spare', { dryRun })).toMatchObject({ outcome: 'unchanged' });
    expect(tree()).toEqual(before);
  });
});

describe('a dry run refuses as the operation would', () => {
  it('unknown names, what is in use, what is not there', async () => {
    const { addons, install, tree } = await world();
    install('my-db');
    const before = tree();
    expect(await failure(addons.enable('valt', { dryRun }))).toMatchObject({ code: 'addon-not-found' });
    expect(await failure(addons.disable('vault', { dryRun }))).toMatchObject({ code: 'in-use' });
    expect(await failure(addons.add('shop', 'spare', { dryRun }))).toMatchObject({ code: 'not-enabled' });
    expect(await failure(addons.add('shpo', 'vault', { dryRun }))).toMatchObject({ code: 'app-not-found' });
    expect(await failure(addons.remove('empty', 'vault', { dryRun }))).toMatchObject({ code: 'resource-not-found' });
    expect(await failure(addons.rotate('empty', 'vault', { dryRun }))).toMatchObject({ code: 'resource-not-found' });
    expect(await failure(addons.release('shpo', { dryRun }))).toMatchObject({ code: 'app-not-found' });
    expect(tree()).toEqual(before);
  });

  it('two add-ons with one variable', async () => {
    const { addons, enable, install } = platform();
    await enable('my-db');
    install('my_db');
    expect(await failure(addons.enable('my_db', { dryRun }))).toMatchObject({ code: 'conflict' });
  });
});

it('a dry run on a platform that does not exist yet makes none', async () => {
  const { addons, tree, app } = platform();
  await addons.enable('db', { dryRun });
  app('shop');
  const before = tree();
  await addons.enable('db', { dryRun });
  await addons.delete('shop', { dryRun });
  await addons.release('shop', { dryRun });
  await collect(addons.releaseAll({ dryRun }));
  expect(tree()).toEqual(before);
});
