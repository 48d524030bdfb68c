import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Disk, nodeDisk } from '../../lib/state/disk.ts';
import { leave } from './journal.ts';
import { failure, listener, platform, type World } from './world.ts';

/** The app `shop` has `vault`, released. */
async function released(): Promise<World & { dir: string; url: string; names(): string }> {
  const world = platform();
  await world.enable('vault');
  const dir = world.app('shop', 'vault;1;s3cret\n');
  await world.addons.release('shop');
  const names = () => (existsSync(join(dir, 'ADDONS.env')) ? readFileSync(join(dir, 'ADDONS.env'), 'utf8') : '');
  return { ...world, dir, url: 'vault://me:s3cret@safe.example/1', names };
}

const setEnv = (dir: string, line: string) => appendFileSync(join(dir, 'ENV'), `${line}\n`);

describe('one more name for what the app has', () => {
  it('is recorded, and set by the next release', async () => {
    const { addons, read, names, dir, url } = await released();
    expect(await addons.add('shop', 'vault', { env: 'SAFE_URL' })).toEqual({
      app: 'shop',
      addon: 'vault',
      outcome: 'done',
      id: '1',
      configVar: 'X_VAULT_URL',
      env: ['SAFE_URL'],
      steps: [],
    });
    expect(names()).toBe('vault;SAFE_URL\n');
    expect(statSync(join(dir, 'ADDONS.env')).mode & 0o777).toBe(0o600);
    expect(read('shop', 'ENV')).toBe(`export X_VAULT_URL='${url}'\n`);
    expect(await addons.release('shop')).toMatchObject({
      configVars: ['SAFE_URL', 'X_VAULT_URL'],
      changed: ['SAFE_URL'],
    });
    expect(read('shop', 'ENV')).toBe(`export X_VAULT_URL='${url}'\nexport SAFE_URL='${url}'\n`);
  });

  it('comes after those that are there, and given again changes nothing', async () => {
    const { addons, names } = await released();
    await addons.add('shop', 'vault', { env: 'B' });
    expect((await addons.add('shop', 'vault', { env: 'A' })).env).toEqual(['B', 'A']);
    expect(await addons.add('shop', 'vault', { env: 'B' })).toMatchObject({ outcome: 'unchanged', env: ['B', 'A'] });
    expect(names()).toBe('vault;B\nvault;A\n');
  });

  it('may be what ENV sets to the same value already', async () => {
    const { addons, dir, url, read } = await released();
    setEnv(dir, `SAFE_URL=${url} # by hand`);
    expect(await addons.add('shop', 'vault', { env: 'SAFE_URL' })).toMatchObject({ outcome: 'done' });
    expect(await addons.release('shop')).toMatchObject({ outcome: 'unchanged', changed: [] });
    expect(read('shop', 'ENV')).toContain(`export SAFE_URL='${url}'\n`);
  });

  it('runs the url script only where ENV sets the name', async () => {
    const { addons, install } = await released();
    install('vault', { url: 'exit 3' });
    expect(await addons.add('shop', 'vault', { env: 'SAFE_URL' })).toMatchObject({ outcome: 'done' });
  });

  it('says what it would do', async () => {
    const { addons, dir, names, tree, url } = await released();
    const before = tree();
    expect(await addons.add('shop', 'vault', { env: 'SAFE_URL', dryRun: true })).toMatchObject({
      outcome: 'planned',
      env: [],
      steps: [`add vault;SAFE_URL to ${dir}/ADDONS.env`, 'the next release sets SAFE_URL'],
    });
    expect(tree()).toEqual(before);
    setEnv(dir, `SAFE_URL=${url}`);
    expect(await addons.add('shop', 'vault', { env: 'SAFE_URL', dryRun: true })).toMatchObject({ outcome: 'planned' });
    setEnv(dir, 'OTHER=1');
    expect(await failure(addons.add('shop', 'vault', { env: 'OTHER', dryRun: true }))).toMatchObject({
      code: 'conflict',
    });
    expect(names()).toBe('');
  });

  it('finishes first what was interrupted on the same resource', async () => {
    const { addons, journal, names } = await released();
    leave(addons, { kind: 'remove', addon: 'vault', app: 'shop', resource: '1' });
    expect(await failure(addons.add('shop', 'vault', { env: 'SAFE_URL' }))).toMatchObject({
      code: 'resource-not-found',
    });
    expect([journal(), names()]).toEqual([[], '']);
  });
});

describe('a name is refused', () => {
  it.each(['', '1A', 'A B', 'A=B', 'Ü'])('that no variable can have: %j', async (env) => {
    const { addons } = await released();
    expect(await failure(addons.add('shop', 'vault', { env }))).toMatchObject({ code: 'usage' });
    expect(await failure(addons.remove('shop', 'vault', { env }))).toMatchObject({ code: 'usage' });
  });

  it.each([
    ['which ENV sets to something else', 'FOO', 'ENV of shop sets FOO already, to something else.'],
    ['which another add-on has', 'SHARED', 'shop has SHARED for its other already.'],
    ['which an operation under way takes', 'COMING', 'The add of third under way for shop takes COMING.'],
    ['that is its standard one', 'X_VAULT_URL', 'X_VAULT_URL is the standard variable of vault.'],
    ['that is the standard one of another', 'X_OTHER_URL', 'X_OTHER_URL is the standard variable of other.'],
    ['that is the standard one of what is gone', 'X_GONE_URL', 'X_GONE_URL is the standard variable of gone.'],
  ])('%s', async (_, env, message) => {
    const { addons, dir, install, names } = await released();
    install('other');
    appendFileSync(join(dir, 'ADDONS'), 'other;2;\ngone;3;\n');
    setEnv(dir, "FOO='vault://me:else@safe.example/1'");
    writeFileSync(join(dir, 'ADDONS.env'), 'other;SHARED\n', { mode: 0o600 });
    const id = leave(addons, { kind: 'add', addon: 'third', app: 'shop', quarantine: 'look' });
    const op = join(addons.platform.journal, id, 'op');
    writeFileSync(op, JSON.stringify({ ...JSON.parse(readFileSync(op, 'utf8')), env: ['COMING'] }));
    const error = await failure(addons.add('shop', 'vault', { env }));
    expect(error).toMatchObject({ code: 'conflict', message, details: { app: 'shop', addon: 'vault' } });
    expect(error.hint).toBeTruthy();
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain('else@');
    expect(names()).toBe('other;SHARED\n');
  });

  it('that ENV sets, though a line of ADDONS.env is left of what the add-on had before', async () => {
    const { addons, app, enable } = await released();
    await enable('other');
    const dir = app('blog');
    writeFileSync(join(dir, 'ADDONS.env'), 'other;DATABASE_URL\n', { mode: 0o600 });
    setEnv(dir, "DATABASE_URL='mine'");
    expect(await failure(addons.add('blog', 'other', { env: 'DATABASE_URL' }))).toMatchObject({
      code: 'conflict',
      message: 'ENV of blog sets DATABASE_URL already, to something else.',
    });
  });

  it.each(['undo', 'move'] as const)('which an interrupted %s brings, which waits for a person', async (kind) => {
    const { addons, app } = await released();
    const { dev, ino, birthtimeNs } = statSync(addons.platform.appDir('shop'), { bigint: true });
    const here = { name: 'shop', key: `${dev}-${ino}-${birthtimeNs}` };
    app('old');
    const more = { env: ['COMING'], ...(kind === 'move' && { to: here }) };
    leave(addons, { kind, addon: 'third', app: kind === 'move' ? 'old' : 'shop', quarantine: 'look', more });
    expect(await failure(addons.add('shop', 'vault', { env: 'COMING' }))).toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/^The (undo|move) of third under way for \w+ takes COMING\.$/),
    });
  });

  it('that was kept for what the app has no more, with the way out', async () => {
    const { addons, dir } = await released();
    writeFileSync(join(dir, 'ADDONS.env'), 'gone;OLD\n', { mode: 0o600 });
    expect((await failure(addons.add('shop', 'vault', { env: 'OLD' }))).hint).toContain('addons check --fix');
  });

  it('where the url script fails, and ENV sets it', async () => {
    const { addons, install, dir } = await released();
    install('vault', { url: 'exit 3' });
    setEnv(dir, 'FOO=1');
    expect(await failure(addons.add('shop', 'vault', { env: 'FOO' }))).toMatchObject({ code: 'script-failed' });
  });
});

describe('a name that ENV got while the add was under way', () => {
  it('is left out by its recovery, with a warning', async () => {
    const world = platform();
    await world.enable('vault');
    const dir = world.app('shop');
    leave(world.addons, {
      kind: 'add',
      addon: 'vault',
      app: 'shop',
      runs: [{ script: 'provision', out: 'v1;x\n', status: 0 }],
      more: { env: ['MINE', 'FREE'] },
    });
    setEnv(dir, "MINE='mine'");
    const { events, onProgress } = listener();
    await world.addons.release('shop', { onProgress });
    expect(readFileSync(join(dir, 'ADDONS.env'), 'utf8')).toBe('vault;FREE\n');
    expect(world.read('shop', 'ENV')).toContain("MINE='mine'\n");
    expect(events).toContainEqual({
      type: 'warning',
      message:
        'The vault of shop does not get the variable name MINE: ENV of shop sets MINE already, to something else.',
    });
  });
});

describe('taking a name away', () => {
  it('interrupted half-way is finished by the same command', async () => {
    const { addons, open, read, names } = await released();
    await addons.add('shop', 'vault', { env: 'A' });
    await addons.release('shop');
    const full: Disk = {
      ...nodeDisk,
      createFile: async (path, ...rest) => {
        if (path.includes('/.ADDONS.env.')) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        await nodeDisk.createFile(path, ...rest);
      },
    };
    expect(await failure(open({ disk: full }).remove('shop', 'vault', { env: 'A' }))).toMatchObject({
      code: 'disk-full',
    });
    // The name is still on record, so nothing is left that no command knows of.
    expect([names(), read('shop', 'ENV').includes('export A=')]).toEqual(['vault;A\n', false]);
    expect(await addons.remove('shop', 'vault', { env: 'A' })).toMatchObject({ outcome: 'done' });
    expect(names()).toBe('');
  });

  it('takes it from ENV at once; the resource stays', async () => {
    const { addons, read, names, url, ran } = await released();
    await addons.add('shop', 'vault', { env: 'A' });
    await addons.add('shop', 'vault', { env: 'B' });
    await addons.release('shop');
    const before = ran('vault');
    expect(await addons.remove('shop', 'vault', { env: 'A' })).toEqual({
      app: 'shop',
      addon: 'vault',
      outcome: 'done',
      id: '1',
      resource: 'stays',
      steps: [],
    });
    expect([names(), read('shop', 'ADDONS')]).toEqual(['vault;B\n', 'vault;1;s3cret\n']);
    expect(read('shop', 'ENV')).toBe(`export X_VAULT_URL='${url}'\nexport B='${url}'\n`);
    expect(ran('vault')).toEqual(before);
    expect(await addons.release('shop')).toMatchObject({ outcome: 'unchanged', configVars: ['B', 'X_VAULT_URL'] });
  });

  it('works for what the app has no more', async () => {
    const { addons, dir, names } = await released();
    writeFileSync(join(dir, 'ADDONS.env'), 'gone;OLD\n', { mode: 0o600 });
    expect(await addons.remove('shop', 'gone', { env: 'OLD' })).not.toHaveProperty('id');
    expect(names()).toBe('');
  });

  it('leaves the variable to another that has the same name by hand', async () => {
    const { addons, dir, read, enable } = await released();
    await enable('bare', {}, 'bare');
    appendFileSync(join(dir, 'ADDONS'), 'bare;2;\n');
    writeFileSync(join(dir, 'ADDONS.env'), 'vault;SHARED\nbare;SHARED\nvault;X_BARE_URL\n', { mode: 0o600 });
    setEnv(dir, 'SHARED=1');
    setEnv(dir, 'X_BARE_URL=2');
    await addons.remove('shop', 'vault', { env: 'SHARED' });
    await addons.remove('shop', 'vault', { env: 'X_BARE_URL' });
    expect(read('shop', 'ENV')).toMatch(/SHARED=1\nX_BARE_URL=2\n$/);
    await addons.remove('shop', 'bare', { env: 'SHARED' });
    expect(read('shop', 'ENV')).not.toContain('SHARED');
  });

  it('says what it would do', async () => {
    const { addons, dir, tree } = await released();
    await addons.add('shop', 'vault', { env: 'A' });
    const before = tree();
    expect(await addons.remove('shop', 'vault', { env: 'A', dryRun: true })).toMatchObject({
      outcome: 'planned',
      resource: 'stays',
      steps: [`drop A from ${dir}/ENV`, `drop vault;A from ${dir}/ADDONS.env`],
    });
    expect(tree()).toEqual(before);
  });

  it('names what there is, where it does not exist', async () => {
    const { addons } = await released();
    expect(await failure(addons.remove('shop', 'vault', { env: 'SAFE' }))).toMatchObject({
      code: 'resource-not-found',
      message: 'The vault of shop has no variable name SAFE.',
      hint: 'It has X_VAULT_URL alone.',
    });
    await addons.add('shop', 'vault', { env: 'SAFE_URL' });
    expect(await failure(addons.remove('shop', 'vault', { env: 'SAFE_UR' }))).toMatchObject({
      message: 'The vault of shop has no variable name SAFE_UR. Did you mean "SAFE_URL"?',
      hint: 'Beside X_VAULT_URL it has: SAFE_URL.',
    });
    expect(await failure(addons.remove('shop', 'other', { env: 'SAFE' }))).toMatchObject({
      code: 'resource-not-found',
      message: expect.stringContaining('The app shop has no other.'),
    });
  });

  it('does not take the standard one', async () => {
    const { addons, read, url } = await released();
    expect(await failure(addons.remove('shop', 'vault', { env: 'X_VAULT_URL' }))).toMatchObject({
      code: 'conflict',
      hint: 'To do that: addons remove shop vault',
    });
    expect(read('shop', 'ENV')).toBe(`export X_VAULT_URL='${url}'\n`);
  });
});

it('names of one app that are given at the same moment are all kept', async () => {
  const { addons, open, names } = await released();
  const wanted = Array.from({ length: 8 }, (_, i) => `NAME_${i}`);
  await Promise.all(wanted.map((env) => open().add('shop', 'vault', { env })));
  expect(names().trim().split('\n').sort()).toEqual(wanted.map((name) => `vault;${name}`));
  await Promise.all(wanted.map((env) => addons.remove('shop', 'vault', { env })));
  expect(names()).toBe('');
});

it('a malformed line of others is kept', async () => {
  const { addons, dir, names } = await released();
  writeFileSync(join(dir, 'ADDONS.env'), 'oops', { mode: 0o600 });
  await addons.add('shop', 'vault', { env: 'A' });
  expect(names()).toBe('oops\nvault;A\n');
  await addons.remove('shop', 'vault', { env: 'A' });
  expect(names()).toBe('oops\n');
});

it('an ADDONS.env that is no file is refused', async () => {
  const { addons, dir } = await released();
  mkdirSync(join(dir, 'ADDONS.env'));
  expect(await failure(addons.add('shop', 'vault', { env: 'A' }))).toMatchObject({ code: 'malformed' });
  expect(await failure(addons.release('shop'))).toMatchObject({ code: 'malformed' });
});

it.each(['PATH', 'HOME', 'LD_PRELOAD', 'NODE_OPTIONS'])('refuses %s, which steers every program', async (name) => {
  const { addons, app, enable, ledger } = platform();
  await enable('vault');
  app('shop');
  expect(await failure(addons.add('shop', 'vault', { env: name }))).toMatchObject({ code: 'usage' });
  expect(ledger('vault')).toEqual([]);
});
