import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { leave } from './journal.ts';
import { failure, listener, platform, type World } from './world.ts';

/** The app `shop` has `vault` with an extra name and data, and `safe`. */
async function world(): Promise<
  World & { ids: { vault: string; safe: string }; data(addon: string, id: string): string }
> {
  const made = platform();
  await made.enable('vault');
  await made.enable('safe');
  made.app('shop');
  const { id: vault = '' } = await made.addons.add('shop', 'vault', { env: 'DATABASE_URL' });
  const { id: safe = '' } = await made.addons.add('shop', 'safe');
  const path = (addon: string, id: string) => join(made.addons.platform.addonData(addon), 'ledger', id);
  writeFileSync(path('vault', vault), 'gold\n');
  return { ...made, ids: { vault, safe }, data: (addon, id) => readFileSync(path(addon, id), 'utf8') };
}

it('gives a new app resources of its own, empty, with the same names', async () => {
  const { addons, ids, ledger, data, read, journal } = await world();
  const result = await addons.clone('shop', 'staging');
  expect(result).toMatchObject({ app: 'shop', to: 'staging', outcome: 'done', data: false, steps: [] });
  expect(result.added).toMatchObject([
    { app: 'staging', addon: 'vault', outcome: 'done', env: ['DATABASE_URL'] },
    { app: 'staging', addon: 'safe', outcome: 'done', env: [] },
  ]);
  const [vault = ''] = result.added.map(({ id = '' }) => id);
  expect(ledger('vault')).toEqual([ids.vault, vault].sort());
  expect([data('vault', vault), data('vault', ids.vault), journal()]).toEqual(['empty\n', 'gold\n', []]);
  expect(read('staging', 'ADDONS')).toContain(`vault;${vault};hunter2-staging\n`);
  await addons.release('staging');
  expect(read('staging', 'ENV')).toContain('DATABASE_URL');
});

it('makes the directory as that of the app', async () => {
  const { addons, app } = await world();
  const { mode, uid } = statSync(app('shop'));
  await addons.clone('shop', 'staging');
  expect(statSync(app('staging'))).toMatchObject({ mode, uid });
});

describe('into an app whose config the platform has copied', () => {
  async function copied() {
    const made = await world();
    await made.addons.release('shop');
    const old = made.read('shop', 'ENV');
    writeFileSync(join(made.app('staging'), 'ENV'), `${old}MINE=1\nX_OTHER_URL=theirs\n`);
    return { ...made, old };
  }

  it("leads to nothing of the old one, and keeps what is no add-on's", async () => {
    const { addons, read, old } = await copied();
    await addons.clone('shop', 'staging');
    expect(read('staging', 'ENV')).toBe('MINE=1\nX_OTHER_URL=theirs\n');
    await addons.release('staging');
    expect(read('staging', 'ENV')).toContain('export DATABASE_URL=');
    for (const line of old.trim().split('\n')) expect(read('staging', 'ENV')).not.toContain(line);
    expect(read('shop', 'ENV')).toBe(old);
  });

  it('also when it then fails', async () => {
    const { addons, install, read } = await copied();
    install('vault', { provision: 'exit 1' });
    expect((await failure(addons.clone('shop', 'staging'))).code).toBe('script-failed');
    expect(read('staging', 'ENV')).toBe('MINE=1\nX_OTHER_URL=theirs\n');
  });

  it('says so in a dry run, and changes nothing', async () => {
    const { addons, tree } = await copied();
    const before = tree();
    const { steps } = await addons.clone('shop', 'staging', { dryRun: true });
    expect(steps.filter((step) => step.startsWith('drop '))).toEqual(
      ['X_VAULT_URL', 'DATABASE_URL', 'X_SAFE_URL'].map(
        (name) => `drop ${name}, which leads to what shop has, from staging`,
      ),
    );
    expect(tree()).toEqual(before);
  });
});

it('the same command again has nothing to do', async () => {
  const { addons, ledger } = await world();
  await addons.clone('shop', 'staging');
  const before = ledger('vault');
  expect(await addons.clone('shop', 'staging')).toMatchObject({ outcome: 'unchanged' });
  expect(ledger('vault')).toEqual(before);
});

it('adds to an app that has some only what is missing', async () => {
  const { addons, app, read } = await world();
  app('staging', 'vault;mine;x\n');
  const { added, outcome } = await addons.clone('shop', 'staging', { withData: true });
  expect([outcome, added.map(({ addon, outcome: end }) => `${addon} ${end}`)]).toEqual([
    'done',
    ['vault unchanged', 'safe done'],
  ]);
  expect(read('staging', 'ADDONS')).toMatch(/^vault;mine;x\nsafe;/);
});

describe('with data', () => {
  it('copies it, before the new app has a line', async () => {
    const { addons, data, ids, install, app } = await world();
    app('staging');
    // Says whether the line was there.
    install('vault', {
      restore:
        'cat >"$ADDON_DATA/ledger/$1"; ls "$ADDON_DATA/../../staging/ADDONS" >>"$ADDON_DATA/ledger/$1" 2>&1 || :',
    });
    const { events, onProgress } = listener();
    const { added } = await addons.clone('shop', 'staging', { withData: true, onProgress });
    expect(data('vault', added[0]?.id ?? '')).toMatch(/^gold\n.*No such file/s);
    expect(data('vault', ids.vault)).toBe('gold\n');
    expect(events.map(({ message }) => message)).toEqual([
      'Adding vault to staging',
      'Dumping vault of shop',
      'Restoring vault for staging',
      'Adding safe to staging',
      'Dumping safe of shop',
      'Restoring safe for staging',
    ]);
  });

  it.each([
    ['restore', 'echo full >&2; exit 1', 'script-failed'],
    ['dump', 'echo torn; exit 1', 'script-failed'],
    ['dump', ':', 'script-output'],
    ['provision', 'exit 1', 'script-failed'],
  ])('nothing is left when %s does %j', async (script, commands, code) => {
    const { addons, install, ledger, ids, journal, data } = await world();
    install('vault', { [script]: commands });
    expect(await failure(addons.clone('shop', 'staging', { withData: true }))).toMatchObject({ code });
    expect([await addons.apps(), ledger('vault'), journal()]).toEqual([['shop'], [ids.vault], []]);
    expect(data('vault', ids.vault)).toBe('gold\n');
    install('vault', { [script]: undefined });
    rmSync(addons.platform.addonRoot('vault'), { recursive: true });
    install('vault');
    expect(await addons.clone('shop', 'staging', { withData: true })).toMatchObject({ outcome: 'done' });
  });

  it('keeps what it had done when a later one fails, and goes on with the same command', async () => {
    const { addons, install, read, app } = await world();
    install('safe', { restore: 'exit 1' });
    expect(await failure(addons.clone('shop', 'staging', { withData: true }))).toMatchObject({ code: 'script-failed' });
    expect(read('staging', 'ADDONS')).toMatch(/^vault;\S+\n$/);
    expect(existsSync(app('staging'))).toBe(true);
    install('safe', { restore: 'cat >/dev/null' });
    expect((await addons.clone('shop', 'staging', { withData: true })).added).toMatchObject([
      { addon: 'vault', outcome: 'unchanged' },
      { addon: 'safe', outcome: 'done' },
    ]);
  });

  it.each(['dump', 'restore'])('is refused before anything is made when there is no %s script', async (script) => {
    const { addons, install, tree } = await world();
    install('safe', { [script]: undefined });
    const before = tree();
    expect(await failure(addons.clone('shop', 'staging', { withData: true }))).toMatchObject({
      code: 'script-not-found',
      message: `The add-on safe has no ${script} script, so its data cannot be copied.`,
      hint: 'Leave out --with-data to give the new app an empty one.',
    });
    expect(tree()).toEqual(before);
    expect(await addons.clone('shop', 'staging')).toMatchObject({ outcome: 'done' });
  });

  it('that died before the data was in copies again', async () => {
    const { addons, app, ids, read, data } = await world();
    app('staging');
    writeFileSync(join(addons.platform.addonData('vault'), 'ledger', 'new'), 'half');
    const key = keyOf(app('shop'));
    leave(addons, {
      kind: 'add',
      addon: 'vault',
      app: 'staging',
      runs: [{ script: 'provision', out: 'new;pw\n', status: 0 }],
      more: { copyOf: { name: 'shop', key, resource: ids.vault } },
    });
    await addons.clone('shop', 'staging', { withData: true });
    expect(read('staging', 'ADDONS')).toMatch(/^vault;new;pw\n/);
    expect(data('vault', 'new')).toBe('gold\n');
  });

  it('that died, of a source that is gone, gives the new one back', async () => {
    const { addons, app, ids, ledger, read, ran, enable } = await world();
    await enable('third');
    app('staging');
    const key = keyOf(app('shop'));
    leave(addons, {
      kind: 'add',
      addon: 'vault',
      app: 'staging',
      runs: [{ script: 'provision', out: 'new;pw\n', status: 0 }],
      more: { copyOf: { name: 'shop', key, resource: ids.vault } },
    });
    await addons.remove('shop', 'vault');
    await addons.check({ fix: true });
    expect([read('staging', 'ADDONS'), ledger('vault'), ran('vault').at(-1)]).toEqual(['', [], 'unprovision new']);
  });

  it('can be interrupted, and nothing is lost', async () => {
    const { addons, install, read } = await world();
    install('vault', { restore: 'echo >"$ADDON_DATA/restoring"; sleep 20' });
    const controller = new AbortController();
    const cloning = failure(addons.clone('shop', 'staging', { withData: true, signal: controller.signal }));
    await expect.poll(() => existsSync(join(addons.platform.addonData('vault'), 'restoring'))).toBe(true);
    controller.abort();
    expect(await cloning).toMatchObject({
      code: 'aborted',
      message: expect.stringContaining('restore of vault was interrupted'),
    });
    expect(read('staging', 'ADDONS')).toBe('');
    install('vault', { restore: 'cat >"$ADDON_DATA/ledger/$1"' });
    expect(await addons.clone('shop', 'staging', { withData: true })).toMatchObject({ outcome: 'done' });
    const { findings } = await addons.check();
    expect(findings.filter(({ kind }) => kind !== 'drift')).toEqual([]); // no release yet
  });
});

it('that is interrupted again and again keeps one resource and one dump', async () => {
  const { addons, app, install, ledger, ids, ran, read, journal, data } = await world();
  app('staging');
  for (let i = 0; i < 3; i++) {
    install('vault', { restore: `echo >"$ADDON_DATA/restoring${i}"; sleep 20` });
    const controller = new AbortController();
    const cloning = failure(addons.clone('shop', 'staging', { withData: true, signal: controller.signal }));
    await expect.poll(() => existsSync(join(addons.platform.addonData('vault'), `restoring${i}`))).toBe(true);
    controller.abort();
    expect(await cloning).toMatchObject({ code: 'aborted' });
    expect(journal()).toHaveLength(1);
    const files = readdirSync(join(addons.platform.journal, journal()[0] ?? ''));
    expect(files.filter((name) => name.startsWith('data.'))).toHaveLength(1);
  }
  const [made = ''] = ledger('vault').filter((id) => id !== ids.vault);
  install('vault', { restore: 'cat >"$ADDON_DATA/ledger/$1"' });
  await addons.clone('shop', 'staging', { withData: true });
  expect([read('staging', 'ADDONS').startsWith(`vault;${made};`), data('vault', made), journal()]).toEqual([
    true,
    'gold\n',
    [],
  ]);
  expect(ran('vault').filter((line) => line.startsWith('provision'))).toHaveLength(2);
});

describe('is refused', () => {
  it('for wrong names', async () => {
    const { addons } = await world();
    expect(await failure(addons.clone('shop', 'shop'))).toMatchObject({ code: 'usage' });
    expect(await failure(addons.clone('shop', '../x'))).toMatchObject({ code: 'usage' });
    expect(await failure(addons.clone('shpo', 'staging'))).toMatchObject({ code: 'app-not-found' });
    expect(await addons.apps()).toEqual(['shop']);
  });

  it('while one of its add-ons is disabled, before anything is made', async () => {
    const { addons, tree } = await world();
    rmSync(addons.platform.marker('safe'));
    const before = tree();
    expect(await failure(addons.clone('shop', 'staging'))).toMatchObject({ code: 'not-enabled' });
    expect(tree()).toEqual(before);
  });

  it('while it has two lines of one add-on', async () => {
    const { addons, app } = await world();
    app('shop', 'vault;1;\nvault;2;\n');
    expect(await failure(addons.clone('shop', 'staging'))).toMatchObject({ code: 'conflict' });
    expect(await addons.apps()).toEqual(['shop']);
  });

  it('beside an operation under way that nobody waits for', async () => {
    const { addons, app, open, install, begun } = await world();
    app('staging');
    install('vault', { provision: 'sleep 0.4; echo "p1;"' });
    const adding = addons.add('staging', 'vault');
    await begun();
    expect(await failure(open().clone('shop', 'staging', { wait: 0 }))).toMatchObject({ code: 'busy' });
    await adding;
  });

  it('where the new app sets one of the names to something else', async () => {
    const { addons, app, read } = await world();
    writeFileSync(join(app('staging'), 'ENV'), 'DATABASE_URL=mine\n');
    expect(await failure(addons.clone('shop', 'staging'))).toMatchObject({ code: 'conflict' });
    expect([read('staging', 'ADDONS'), read('staging', 'ENV')]).toEqual(['', 'DATABASE_URL=mine\n']);
  });
});

it.each(['a new', 'an existing'])('a dry run for %s app changes nothing', async (which) => {
  const { addons, app, tree } = await world();
  if (which === 'an existing') app('staging');
  const before = tree();
  const { outcome, added, steps } = await addons.clone('shop', 'staging', { withData: true, dryRun: true });
  expect([outcome, added.map(({ addon }) => addon), steps.length > 1]).toEqual(['planned', ['vault', 'safe'], true]);
  expect(tree()).toEqual(before);
});

function keyOf(dir: string): string {
  const { dev, ino, birthtimeNs } = statSync(dir, { bigint: true });
  return `${dev}-${ino}-${birthtimeNs}`;
}

it("does not copy the data of another app's resource", async () => {
  const { addons, app, enable, read } = platform();
  await enable('vault');
  app('shop');
  await addons.add('shop', 'vault');
  app('thief', read('shop', 'ADDONS'));
  expect(await failure(addons.clone('thief', 'copy', { withData: true }))).toMatchObject({ code: 'conflict' });
  expect(read('copy', 'ADDONS')).toBe('');
});

it('with data says which resources of the target it left as they are', async () => {
  const { addons, ids, data, ledger } = await world();
  await addons.clone('shop', 'staging');
  const before = ledger('vault');
  const { events, onProgress } = listener();
  expect(await addons.clone('shop', 'staging', { withData: true, onProgress })).toMatchObject({
    outcome: 'unchanged',
    data: false,
  });
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  expect(warnings).toEqual([
    'staging has vault already: its data was not copied.',
    'staging has safe already: its data was not copied.',
  ]);
  expect(ledger('vault')).toEqual(before);
  for (const id of before) expect(data('vault', id)).toBe(id === ids.vault ? 'gold\n' : 'empty\n');
});
