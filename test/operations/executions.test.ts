import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { leave } from './journal.ts';
import { collect, failure, listener, platform } from './world.ts';

const what = ({ action, addon, app, exit }: { action: string; addon: string; app?: string; exit: number | null }) =>
  [action, addon, app, exit].filter((word) => word !== undefined).join(' ');

describe('an execution is kept', () => {
  it('of every script that was run, in the order in which they ended', async () => {
    const { addons, app, enable, home } = platform();
    app('shop');
    app('blog');
    await enable('vault');
    const { id = '' } = await addons.add('shop', 'vault');
    await addons.release('shop');
    await addons.url('shop', 'vault');
    await addons.dump('shop', 'vault', { file: join(home, 'dump') });
    await addons.restore('shop', 'vault', { file: join(home, 'dump') });
    await addons.rotate('shop', 'vault');
    await addons.status('shop', { health: true });
    await addons.check();
    await addons.clone('shop', 'blog', { withData: true });
    await addons.disable('vault', { force: true });
    const kept = await addons.executions();
    expect(kept.map(what)).toEqual([
      'enable vault 0',
      'provision vault shop 0',
      'url vault shop 0',
      'url vault shop 0',
      'dump vault shop 0',
      'restore vault shop 0',
      'url vault shop 0',
      'rotate vault shop 0',
      'health vault 0',
      'list vault 0',
      'url vault shop 0',
      'provision vault blog 0',
      'dump vault shop 0',
      'restore vault blog 0',
      'unprovision vault blog 0',
      'unprovision vault shop 0',
      'disable vault 0',
    ]);
    expect(kept[1]).toMatchObject({ id: expect.stringMatching(/^\w{20}-1$/), output: `${id};[redacted]\n` });
    expect(kept[1]?.operation).toBe(kept[1]?.id.slice(0, 20));
    expect(new Set(kept.map((one) => one.id)).size).toBe(kept.length);
    expect(JSON.stringify(kept)).not.toContain('hunter2');
  });

  it('of those that fail, with what they wrote and without what they must not tell', async () => {
    const { addons, app, enable, install } = platform();
    app('shop');
    await enable('vault', { provision: 'echo "cannot reach x://me:hunter2@safe" >&2; exit 7' });
    await failure(addons.add('shop', 'vault'));
    install('vault', { provision: 'echo "id-1;hunter2"', unprovision: 'exit 0' });
    await addons.add('shop', 'vault');
    install('vault', { url: 'echo "no $2 here" >&2; kill -9 $$' });
    await failure(addons.release('shop'));
    install('vault', { url: 'sleep 60' });
    await failure(addons.release('shop', { timeout: 0.3 }));
    const kept = await addons.executions({ failed: true });
    expect(kept).toMatchObject([
      { action: 'provision', exit: 7, output: 'cannot reach x://me:[redacted]@safe\n' },
      { action: 'url', exit: null, signal: 'SIGKILL', output: expect.stringContaining('no [redacted] here') },
      { action: 'url', exit: null, stopped: 'timeout' },
    ]);
    expect((await addons.executions({ failed: true, last: 1 })).map(({ stopped }) => stopped)).toEqual(['timeout']);
  });

  it('of a script that is stopped by its caller', async () => {
    const { addons, app, enable } = platform();
    const dir = app('shop', 'vault;id-1;hunter2\n');
    await enable('vault', { url: `: >${dir}/begun; sleep 60` });
    const controller = new AbortController();
    const releasing = failure(addons.release('shop', { signal: controller.signal }));
    await expect.poll(() => readdirSync(dir), { timeout: 20_000 }).toContain('begun');
    controller.abort();
    expect((await releasing).code).toBe('aborted');
    expect(await addons.executions({ app: 'shop' })).toMatchObject([{ action: 'url', stopped: 'aborted' }]);
  });

  it('of every app of a release of all', async () => {
    const { addons, app, enable } = platform();
    await enable('vault', { url: '[ "$1" != id-3 ] || exit 9; echo "x://me:$2@h/$1"' });
    for (let i = 0; i < 5; i++) app(`app${i}`, `vault;id-${i};hunter2-${i}\n`);
    await collect(addons.releaseAll());
    const kept = (await addons.executions()).filter(({ action }) => action === 'url');
    expect(kept.map(what).sort()).toEqual(Array.from({ length: 5 }, (_, i) => `url vault app${i} ${i === 3 ? 9 : 0}`));
    expect(kept.find(({ app }) => app === 'app1')?.output).toBe('x://me:[redacted]@h/id-1\n');
  });

  it('of what a dead process ran, by whoever recovers it, and once', async () => {
    const { addons, app, enable } = platform();
    await enable('vault');
    app('shop');
    const runs = [
      { script: 'provision', claim: 'void' },
      { script: 'provision' },
      { script: 'provision', out: 'id-1;hunter2\n', status: 0 },
    ];
    const operation = leave(addons, { kind: 'add', addon: 'vault', app: 'shop', runs });
    await addons.release('shop');
    const kept = await addons.executions({ app: 'shop' });
    expect(kept.filter(({ action }) => action === 'provision')).toMatchObject([
      { id: `${operation}-2`, exit: null, output: '' },
      { id: `${operation}-3`, exit: 0, output: 'id-1;[redacted]\n' },
    ]);
    // Whoever gave up alive has taken down what its scripts did.
    leave(addons, {
      kind: 'remove',
      addon: 'vault',
      app: 'shop',
      resource: 'id-1',
      owner: null,
      runs: [{ script: 'unprovision' }],
    });
    await addons.release('shop');
    const removed = (await addons.executions({ app: 'shop' })).filter(({ action }) => action === 'unprovision');
    expect(removed.map(({ exit }) => exit)).toEqual([0]);
  });

  it('of nothing in a dry run', async () => {
    const { addons, app, enable } = platform();
    app('shop', 'vault;id-1;hunter2\n');
    await enable('vault');
    await addons.release('shop', { dryRun: true });
    await addons.remove('shop', 'vault', { dryRun: true });
    expect((await addons.executions()).map(what)).toEqual(['enable vault 0']);
  });
});

describe('who asks', () => {
  it('gets those of one app, one add-on, or one alone', async () => {
    const { addons, app, enable } = platform();
    for (const name of ['shop', 'blog']) app(name, 'vault;id-1;\nbare;id-2;\n');
    await enable('vault', { url: 'echo x://h' });
    await enable('bare', { url: 'echo x://h' }, 'bare');
    for (const name of ['shop', 'blog']) await addons.release(name);
    expect((await addons.executions({ app: 'blog', addon: 'bare' })).map(what)).toEqual(['url bare blog 0']);
    const [one] = await addons.executions({ app: 'shop' });
    expect(await addons.executions({ id: one?.id })).toEqual([one]);
    expect(await addons.executions({ addon: 'bare', failed: true })).toEqual([]);
  });

  it('is told of a name that nothing has', async () => {
    const { addons, enable } = platform();
    await enable('vault');
    expect(await failure(addons.executions({ addon: 'vautl' }))).toMatchObject({
      code: 'addon-not-found',
      message: expect.stringContaining('Did you mean "vault"?'),
    });
    expect(await failure(addons.executions({ app: 'shop' }))).toMatchObject({ code: 'app-not-found' });
  });
});

describe('nothing that goes wrong with it', () => {
  it('fails what was done: a history that cannot be written is a warning', async () => {
    const { addons, app, enable } = platform();
    await enable('vault');
    const { executions } = addons.platform;
    rmSync(executions, { recursive: true });
    writeFileSync(executions, '');
    app('shop');
    const { events, onProgress } = listener();
    expect(await addons.add('shop', 'vault', { onProgress })).toMatchObject({ outcome: 'done' });
    expect(await addons.release('shop', { onProgress })).toMatchObject({ outcome: 'done' });
    const warnings = events.filter(({ type }) => type === 'warning').map(({ message }) => message);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(/^The processor history of vault failed: .*executions/);
  });

  it('fails what was done: settings that cannot be understood are a warning, and the history goes on', async () => {
    const { addons, enable } = platform();
    const { settings, etcRoot } = addons.platform;
    mkdirSync(etcRoot, { recursive: true });
    writeFileSync(settings, 'processors = 3 =\n');
    await enable('vault');
    expect(await addons.executions()).toHaveLength(1);
    writeFileSync(settings, '[processors.history]\nenabled = false\n');
    chmodSync(settings, 0o644);
    await addons.enable('vault', { again: true });
    expect(await addons.executions()).toHaveLength(1);
  });
});
