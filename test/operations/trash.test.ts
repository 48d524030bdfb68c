import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Addons } from '../../lib/operations/results.ts';
import { leave } from './journal.ts';
import { collect, failure, listener, platform, type World } from './world.ts';

/** Each of the apps had `vault`, which is in the trash now; ids by app. */
async function world(...apps: string[]): Promise<World & { ids: Record<string, string> }> {
  const made = platform();
  await made.enable('vault');
  const ids: Record<string, string> = {};
  for (const app of apps) {
    made.app(app);
    ids[app] = (await made.addons.add(app, 'vault')).id ?? '';
    await made.addons.remove(app, 'vault', { keepFor: 3600 });
  }
  return { ...made, ids };
}

/** As if the time had come. */
function makeDue({ platform: { trash } }: Addons, app: string) {
  for (const name of readdirSync(trash)) {
    const record = JSON.parse(readFileSync(join(trash, name), 'utf8'));
    if (record.app.name !== app) continue;
    writeFileSync(join(trash, name), JSON.stringify({ ...record, until: '2020-01-01T00:00:00.000Z' }));
  }
}

const unprovisioned = ({ ran }: World) => ran('vault').filter((line) => line.startsWith('unprovision'));

describe('what is in the trash', () => {
  it('is nothing at first, and on a platform that does not exist yet', async () => {
    const { addons, tree } = platform();
    const before = tree();
    expect([await addons.trash(), await collect(addons.emptyTrash())]).toEqual([[], []]);
    expect(tree()).toEqual(before);
  });

  it('is told oldest first, never with the private', async () => {
    const { addons, ids } = await world('shop', 'blog');
    const items = await addons.trash();
    expect(items).toMatchObject([
      { app: 'shop', addon: 'vault', id: ids.shop, expired: false, kept: false, env: [] },
      { app: 'blog', addon: 'vault', id: ids.blog },
    ]);
    expect(JSON.stringify(items)).not.toContain('hunter2');
    for (const { since, until } of items) expect(Date.parse(until) - Date.parse(since)).toBeGreaterThan(3590_000);
  });

  it('leaves out a record that cannot be read; check tells of it', async () => {
    const { addons } = await world('shop');
    const [name = ''] = readdirSync(addons.platform.trash);
    writeFileSync(join(addons.platform.trash, name), '{');
    expect(await addons.trash()).toEqual([]);
    expect((await addons.check()).findings.map(({ kind }) => kind)).toContain('trash');
  });
});

describe('emptying', () => {
  it('destroys everything and empties it', async () => {
    const made = await world('shop', 'blog');
    const { addons, ids, ledger, journal } = made;
    const { events, onProgress } = listener();
    expect(await collect(addons.emptyTrash({ onProgress }))).toMatchObject([
      { app: 'shop', id: ids.shop, outcome: 'done', resource: 'destroyed' },
      { app: 'blog', id: ids.blog, outcome: 'done' },
    ]);
    expect(events).toContainEqual({ type: 'step', message: `Emptying the trash: vault ${ids.shop} of shop` });
    expect([ledger('vault'), await addons.trash(), journal()]).toEqual([[], [], []]);
    expect(await collect(addons.emptyTrash())).toEqual([]);
    expect((await addons.check()).findings).toEqual([]);
  });

  it('what is due takes nothing else', async () => {
    const made = await world('shop', 'blog');
    const { addons, ids, ledger } = made;
    expect(await collect(addons.emptyTrash({ expired: true }))).toEqual([]);
    makeDue(addons, 'blog');
    expect((await addons.trash()).map(({ app, expired }) => [app, expired])).toEqual([
      ['shop', false],
      ['blog', true],
    ]);
    expect(await collect(addons.emptyTrash({ expired: true }))).toMatchObject([{ app: 'blog', outcome: 'done' }]);
    expect([unprovisioned(made), ledger('vault')]).toEqual([[`unprovision ${ids.blog}`], [ids.shop]]);
  });

  it('takes only what somebody was asked about', async () => {
    const { addons, ids, ledger } = await world('shop', 'blog');
    const [first] = await addons.trash();
    expect(await collect(addons.emptyTrash({ only: [first?.operation ?? ''] }))).toMatchObject([{ app: 'shop' }]);
    expect(ledger('vault')).toEqual([ids.blog]);
    expect(await collect(addons.emptyTrash({ only: [] }))).toEqual([]);
  });

  it('goes on after a failure; that one stays', async () => {
    const made = await world('shop', 'blog');
    const { addons, ids, install, ledger, journal } = made;
    install('vault', { unprovision: 'case $1 in shop*) echo busy >&2; exit 1 ;; esac; rm "$ADDON_DATA/ledger/$1"' });
    const [first, second] = await collect(addons.emptyTrash());
    expect(first).toMatchObject({ item: { app: 'shop' }, error: { code: 'script-failed' } });
    expect(first && 'error' in first && first.error.message).toMatch(`; ${ids.shop} stays in the trash: busy`);
    expect(second).toMatchObject({ app: 'blog', outcome: 'done' });
    expect([ledger('vault'), (await addons.trash()).length, journal()]).toEqual([[ids.shop], 1, []]);
    install('vault', { unprovision: 'rm "$ADDON_DATA/ledger/$1"' });
    expect(await collect(addons.emptyTrash())).toMatchObject([{ outcome: 'done' }]);
  });

  it('works for an app that is gone', async () => {
    const { addons, ledger } = await world('shop');
    rmSync(addons.platform.appDir('shop'), { recursive: true });
    expect(await collect(addons.emptyTrash())).toMatchObject([{ app: 'shop', outcome: 'done' }]);
    expect(ledger('vault')).toEqual([]);
  });

  it.each(['disabled', 'gone'])('is refused while the add-on is %s, and what is there stays', async (state) => {
    const { addons, ledger, ids } = await world('shop');
    rmSync(state === 'gone' ? addons.platform.addonRoot('vault') : addons.platform.marker('vault'), {
      recursive: true,
    });
    expect(await collect(addons.emptyTrash())).toMatchObject([
      { error: { code: state === 'gone' ? 'addon-not-found' : 'not-enabled' } },
    ]);
    expect([ledger('vault'), (await addons.trash()).length]).toEqual([[ids.shop], 1]);
  });

  it('forgets what belongs to an add-on that is gone, when told to, and nothing else', async () => {
    const made = await world('shop');
    const { addons, ids, ledger, app, enable } = made;
    await enable('safe');
    app('blog');
    await addons.add('blog', 'safe');
    await addons.remove('blog', 'safe', { keepFor: 60 });
    rmSync(addons.platform.addonRoot('vault'), { recursive: true });
    for (const outcome of ['planned', 'done']) {
      expect(await collect(addons.emptyTrash({ forget: true, dryRun: outcome === 'planned' }))).toMatchObject([
        { app: 'shop', outcome, resource: 'forgotten' },
        { app: 'blog', outcome, resource: 'destroyed' },
      ]);
    }
    expect([ledger('vault'), ledger('safe'), await addons.trash()]).toEqual([[ids.shop], [], []]);
  });

  it('does not wait for what is under way in the app when told not to; it stays', async () => {
    const { addons, open, install, begun, ids } = await world('shop');
    install('vault', { provision: 'sleep 0.4; echo "p1;"' });
    const adding = addons.add('shop', 'vault');
    await begun();
    expect(await collect(open().emptyTrash({ wait: 0 }))).toMatchObject([{ error: { code: 'busy' } }]);
    await adding;
    expect((await addons.trash()).map(({ id }) => id)).toEqual([ids.shop]);
  });

  it('that took too long is finished by the next', async () => {
    const { addons, install, journal, ids, ledger } = await world('shop');
    install('vault', { unprovision: 'sleep 20' });
    expect(await collect(addons.emptyTrash({ timeout: 0.3 }))).toMatchObject([{ error: { code: 'script-timeout' } }]);
    expect([journal().length, ledger('vault')]).toEqual([1, [ids.shop]]);
    install('vault', { unprovision: 'rm -f "$ADDON_DATA/ledger/$1"' });
    await collect(addons.emptyTrash());
    expect([journal(), ledger('vault'), await addons.trash()]).toEqual([[], [], []]);
  });

  it('that died is finished by the next change of the app', async () => {
    const { addons, ids, ledger, journal } = await world('shop');
    const [item] = await addons.trash();
    leave(addons, {
      kind: 'empty',
      addon: 'vault',
      app: 'shop',
      resource: ids.shop ?? '',
      more: { trashed: item?.operation ?? '' },
    });
    await addons.add('shop', 'vault');
    expect([ledger('vault').includes(ids.shop ?? ''), await addons.trash(), journal()]).toEqual([false, [], []]);
  });

  it('can be interrupted: the rest stays', async () => {
    const made = await world('shop', 'blog');
    const { addons, install, ledger, begun } = made;
    install('vault', { unprovision: 'sleep 20' });
    const controller = new AbortController();
    const emptying = failure(collect(addons.emptyTrash({ signal: controller.signal })));
    await begun();
    controller.abort();
    expect(await emptying).toMatchObject({ code: 'aborted' });
    expect([ledger('vault').length, (await addons.trash()).length]).toEqual([2, 2]);
  });

  it('twice at once destroys each resource once', async () => {
    const made = await world('shop', 'blog');
    const { addons, open, journal } = made;
    const ends = await Promise.all([collect(addons.emptyTrash()), collect(open().emptyTrash())]);
    expect(unprovisioned(made).length).toBe(2);
    expect(ends.flat().filter((end) => 'outcome' in end && end.outcome === 'done')).toHaveLength(2);
    expect([journal(), await addons.trash()]).toEqual([[], []]);
  });

  it('and undo at once: exactly one of them has it', async () => {
    const made = await world('shop');
    const { addons, open, ledger, read, journal } = made;
    await Promise.allSettled([collect(addons.emptyTrash()), open().undo('shop', 'vault')]);
    const back = read('shop', 'ADDONS') !== '';
    expect([ledger('vault').length, (await addons.trash()).length, journal()]).toEqual(
      back ? [1, 0, []] : ledger('vault').length === 1 ? [1, 1, []] : [0, 0, []],
    );
  });

  it('a dry run says what would be destroyed, and destroys nothing', async () => {
    const { addons, tree, ids } = await world('shop');
    const before = tree();
    expect(await collect(addons.emptyTrash({ dryRun: true }))).toMatchObject([
      { outcome: 'planned', steps: [`run unprovision of vault for ${ids.shop}: its data is destroyed`] },
    ]);
    expect(tree()).toEqual(before);
  });
});

describe('a file of marks that cannot be read', () => {
  const spoiled = async () => {
    const made = await world('shop');
    await made.enable('safe');
    made.app('blog');
    await made.addons.add('blog', 'safe');
    await made.addons.remove('blog', 'safe', { keepFor: 3600 });
    mkdirSync(made.addons.platform.kept('vault'));
    return made;
  };

  it('does not hide the trash, and is told of by check', async () => {
    const { addons } = await spoiled();
    expect(await addons.trash()).toMatchObject([
      { app: 'shop', kept: true },
      { app: 'blog', kept: false },
    ]);
    const path = addons.platform.kept('vault');
    expect((await addons.check()).findings).toContainEqual(
      expect.objectContaining({ kind: 'unreadable', addon: 'vault', path }),
    );
  });

  it('keeps only its own add-on from being emptied', async () => {
    const { addons, ledger, ids } = await spoiled();
    expect(await collect(addons.emptyTrash())).toMatchObject([{ error: {} }, { app: 'blog', outcome: 'done' }]);
    expect([ledger('vault'), ledger('safe')]).toEqual([[ids.shop], []]);
  });
});

it('emptying goes on, as remove does, while the ADDONS of another app cannot be read', async () => {
  const { addons, app, ledger } = await world('shop');
  symlinkSync('/nowhere', join(app('blog'), 'ADDONS'));
  expect(await collect(addons.emptyTrash())).toMatchObject([{ outcome: 'done', resource: 'destroyed' }]);
  expect(ledger('vault')).toEqual([]);
});
