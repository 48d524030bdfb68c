import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readFacts } from './facts.ts';
import { KEPT, verdict } from './oracle.ts';
import { killIfThere, openWorkshop, scriptsBelow, type Workshop, type World } from './world.ts';

const SECRET = 'hunter2';

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.remove());

let world: World;
beforeEach(async () => {
  world = await workshop.makeWorld().prepare([
    ['enable', 'plain'],
    ['enable', 'db'],
  ]);
});
afterEach(() => world.remove());

describe('a provision that', () => {
  const QUARANTINED: [what: string, body: string, says: RegExp][] = [
    ['prints nothing', 'exit 0', /printed nothing/],
    ['prints two lines', `printf 'id;${SECRET}\\nmore\\n'`, /printed two lines/],
    ['prints a NUL byte', `printf 'id;${SECRET}\\0\\n'`, /printed a NUL byte/],
    ['prints invalid UTF-8', `printf 'id;${SECRET}\\377\\n'`, /printed invalid UTF-8/],
    ['prints no semicolon', `echo ${SECRET}`, /printed no semicolon/],
    ['prints a second semicolon', `echo 'id;${SECRET};x'`, /printed a second semicolon/],
    ['prints an empty id', `echo ';${SECRET}'`, /printed an empty id/],
    ['prints an id with a leading dash', `echo '-rf;${SECRET}'`, /an id that starts with a dash/],
    ['prints an id of 5 KiB', `printf '%05120d;${SECRET}\\n' 7`, /too long an id/],
    ['prints a carriage return', `printf 'id;${SECRET}\\r\\n'`, /printed a carriage return/],
    ['kills itself', 'kill -9 $$', /died without a result/],
    ['writes 1 GB to stdout', 'head -c 1000000000 /dev/zero', /wrote far too much output and was killed/],
    ['writes 1 GB to stderr', 'head -c 1000000000 /dev/zero >&2', /wrote far too much output and was killed/],
  ];

  it.each(QUARANTINED)('%s is set aside for a person', async (_, body, says) => {
    world.script('plain', 'provision', body);
    const { error } = await world.run(['add', 'shop', 'plain']);
    expect(error).toMatchObject({ ours: true, code: 'quarantined', message: expect.stringMatching(says) });
    expect(JSON.stringify(error)).not.toContain(SECRET);
    expect(await verdict(world)).toEqual({ ...KEPT, found: ['quarantined'] });
    expect(readFacts(world).lines).toEqual([]);
    // Nobody goes on before a person has looked, but the other add-ons are not held up.
    expect((await world.run(['add', 'shop', 'plain'])).error?.code).toBe('quarantined');
    expect((await world.run(['remove', 'shop', 'plain'])).error?.code).toBe('quarantined');
    expect((await world.run(['disable', 'plain', 'force'])).error?.code).toBe('quarantined');
    expect((await world.run(['add', 'shop', 'db'])).error).toBeUndefined();
    expect((await world.run(['release', 'shop'])).error).toBeUndefined();
    expect((await world.run(['add', 'blog', 'plain'])).error?.code).toBe('quarantined');
  });

  it('prints a line without a line break is believed', async () => {
    world.script('plain', 'provision', `echo "op ${SECRET}" >"$ADDON_DATA/ledger/it"; printf 'it;${SECRET}'`);
    expect(await world.run(['add', 'shop', 'plain'])).toMatchObject({ result: { outcome: 'done', id: 'it' } });
    expect(await verdict(world)).toEqual(KEPT);
  });

  it('tells its id, then fails, is undone', async () => {
    world.atPoint('plain', 'provision-printed', 'fail');
    const { error } = await world.run(['add', 'shop', 'plain']);
    expect(error).toMatchObject({
      ours: true,
      code: 'script-failed',
      message: expect.stringContaining('told to fail'),
    });
    expect(error?.message).toContain('unprovisioned');
    expect(JSON.stringify(error)).not.toContain('secret-');
    expect(readFacts(world)).toMatchObject({ ledger: new Map(), lines: [], entries: [] });
  });

  it('fails without an id is believed to have left nothing', async () => {
    world.script('plain', 'provision', `echo "no quota for ${SECRET}x" >&2; exit 3`);
    const { error } = await world.run(['add', 'shop', 'plain']);
    expect(error).toMatchObject({ ours: true, code: 'script-failed', message: expect.stringContaining('no quota') });
    expect(await verdict(world)).toEqual(KEPT);
  });

  it('fails and writes its secret to stderr does not make it known', async () => {
    world.script('plain', 'provision', `printf 'it;${SECRET}\\n'; echo "cannot use ${SECRET}" >&2; exit 1`);
    const { error } = await world.run(['add', 'shop', 'plain']);
    expect(error).toMatchObject({ code: 'script-failed', message: expect.stringContaining('cannot use') });
    expect(JSON.stringify(error)).not.toContain(SECRET);
  });

  it('gives an id twice never costs the first app its resource', async () => {
    const body = `mkdir -p "$ADDON_DATA/ledger"; echo "op ${SECRET}" >"$ADDON_DATA/ledger/same"; echo "same;${SECRET}"`;
    world.script('plain', 'provision', body);
    await world.prepare([['add', 'shop', 'plain']]);
    const { error } = await world.run(['add', 'blog', 'plain']);
    expect(error).toMatchObject({ code: 'quarantined', message: expect.stringContaining('already has') });
    expect(JSON.stringify(error)).not.toContain(SECRET);
    await world.run(['add', 'blog', 'plain']);
    await world.run(['release', 'blog']);
    expect([...readFacts(world).ledger.keys()]).toEqual(['same']);
    expect(readFacts(world).lines).toMatchObject([{ app: 'shop', id: 'same' }]);
    expect(await verdict(world)).toEqual({ ...KEPT, found: ['quarantined'] });
  });
});

describe('a hanging provision', () => {
  it.each([
    ['and its children', 'sleep 60 & sleep 60'],
    ['that ignores TERM', 'trap "" TERM; sleep 60 & sleep 60; sleep 60'],
  ])('%s is killed when its time is up', async (_, body) => {
    world.script('plain', 'provision', body);
    const { error } = await world.run(['add', 'shop', 'plain'], { timeout: 0.3 });
    expect(error).toMatchObject({ ours: true, code: 'quarantined', message: expect.stringContaining('took too long') });
    expect(scriptsBelow(world.home)).toEqual([]);
    expect(await verdict(world)).toEqual({ ...KEPT, found: ['quarantined'] });
  });

  it('that can be run again is, by the next command', async () => {
    world.atPoint('db', 'provision-made', '60');
    const { error } = await world.run(['add', 'shop', 'db'], { timeout: 0.5 });
    expect(error).toMatchObject({ code: 'script-timeout', message: expect.stringMatching(/killed; the next command/) });
    expect(readFacts(world).entries).toHaveLength(1);
    await world.prepare([['release', 'shop']]);
    expect(readFacts(world)).toMatchObject({ lines: [{ app: 'shop' }], entries: [] });
    expect(await verdict(world)).toEqual(KEPT);
  });

  it('of a killed command is waited for until its time is up, then killed', async () => {
    world.script('db', 'provision', 'trap "" TERM; echo $$ >"$ADDON_DATA/hangs"; sleep 60');
    const { child, ended } = world.start(['add', 'shop', 'db'], { options: { timeout: 1.5 } });
    const hangs = join(world.platform.platform.addonData('db'), 'hangs');
    await expect.poll(() => existsSync(hangs) && readFileSync(hangs, 'utf8').endsWith('\n')).toBe(true);
    child.kill('SIGKILL');
    expect((await ended).signal).toBe('SIGKILL');
    const early = await world.run(['add', 'shop', 'db'], { wait: 0.1 });
    expect(early.error).toMatchObject({ code: 'busy', message: expect.stringContaining('provision') });
    world.script('db', 'provision', 'exec "$ADDON_ROOT/really-provision"');
    world.script('db', 'really-provision', 'echo "op s" >"$ADDON_DATA/ledger/it"; echo "it;s"');
    expect((await world.run(['add', 'shop', 'db'])).error).toBeUndefined();
    expect(scriptsBelow(world.home)).toEqual([]);
    expect(await verdict(world)).toEqual(KEPT);
  });
});

describe('a daemon that provision leaves behind', () => {
  it.each([
    ['in its own group', 'sleep 77 &'],
    ['in a session of its own', 'setsid sleep 77 &'],
  ])('%s lives on, and nobody waits for it', async (_, start) => {
    world.script('plain', 'provision', `${start}\necho "op s" >"$ADDON_DATA/ledger/it"\necho 'it;s'`);
    const began = performance.now();
    await world.prepare([['add', 'shop', 'plain']]);
    expect(performance.now() - began).toBeLessThan(10_000);
    const daemons = scriptsBelow(world.home);
    expect(daemons.length).toBeGreaterThan(0);
    expect(await verdict(world)).toEqual(KEPT);
    daemons.forEach(killIfThere);
  });
});

describe('a script that cannot be run', () => {
  it.each([
    ['is missing', (path: string) => rmSync(path)],
    ['is not executable', (path: string) => chmodSync(path, 0o644)],
  ])('because it %s stops add and remove before they begin', async (_, spoil) => {
    await world.prepare([['add', 'shop', 'plain']]);
    const { platform } = world.platform;
    for (const name of ['provision', 'unprovision']) spoil(join(platform.addonRoot('plain'), name));
    for (const command of [
      ['add', 'blog', 'plain'],
      ['remove', 'shop', 'plain'],
    ] as const) {
      const { error } = await world.run([...command]);
      expect(error).toMatchObject({ ours: true, code: 'script-not-found', hint: expect.any(String) });
    }
    expect(await verdict(world)).toEqual({ ...KEPT, found: ['script-missing', 'script-missing'] });
    expect(readFacts(world)).toMatchObject({ lines: [{ app: 'shop' }], entries: [] });
  });
});

describe('an unprovision that fails', () => {
  it('keeps the line, and the next remove tries again', async () => {
    await world.prepare([['add', 'shop', 'plain']]);
    world.atPoint('plain', 'unprovision-start', 'fail');
    const { error } = await world.run(['remove', 'shop', 'plain']);
    expect(error).toMatchObject({ ours: true, code: 'script-failed', message: expect.stringContaining('stays') });
    expect(readFacts(world)).toMatchObject({ lines: [{ app: 'shop' }], entries: [] });
    expect(await verdict(world)).toEqual(KEPT);
    await world.prepare([['remove', 'shop', 'plain']]);
    expect(readFacts(world)).toMatchObject({ ledger: new Map(), lines: [], entries: [] });
  });

  it('while an add is undone keeps its entry, and the next command tries again', async () => {
    world.atPoint('plain', 'provision-printed', 'fail');
    world.atPoint('plain', 'unprovision-start', 'fail');
    const { error } = await world.run(['add', 'shop', 'plain']);
    expect(error).toMatchObject({ ours: true, code: 'script-failed' });
    expect(JSON.stringify(error)).not.toContain('secret-');
    expect(await verdict(world)).toEqual({ ...KEPT, found: ['interrupted'] });
    await world.prepare([['add', 'shop', 'plain']]);
    expect(await verdict(world)).toEqual(KEPT);
    expect(readFacts(world)).toMatchObject({ lines: [{ app: 'shop' }], entries: [] });
    expect(readFacts(world).ledger.size).toBe(1);
  });
});

describe('a failing enable or disable', () => {
  it('leaves the add-on as it was', async () => {
    world.atPoint('db', 'disable-start', 'fail');
    expect((await world.run(['disable', 'db'])).error).toMatchObject({ ours: true, code: 'script-failed' });
    expect((await world.platform.info('db')).enabled).toBe(true);
    await world.prepare([['disable', 'db']]);
    world.atPoint('db', 'enable-start', 'fail');
    expect((await world.run(['enable', 'db'])).error).toMatchObject({ ours: true, code: 'script-failed' });
    expect((await world.platform.info('db')).enabled).toBe(false);
    expect(await verdict(world)).toEqual(KEPT);
  });
});
