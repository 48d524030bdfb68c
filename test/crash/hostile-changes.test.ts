import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readFacts } from './facts.ts';
import { KEPT, verdict } from './oracle.ts';
import { openWorkshop, type Workshop, type World } from './world.ts';

const SECRET = 'hunter2';
/** What a rotate changes before it goes wrong. */
const CHANGE = `read -r made _ <"$ADDON_DATA/ledger/$1"; echo "$made ${SECRET}" >"$ADDON_DATA/ledger/$1"`;

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.remove());

let world: World;
beforeEach(async () => {
  world = await workshop.makeWorld().prepare([
    ['enable', 'db'],
    ['add', 'shop', 'db'],
    ['release', 'shop'],
  ]);
});
afterEach(() => world.remove());

describe('a rotate that', () => {
  it.each([
    ['prints nothing', 'true', 'script-output', /printed nothing/],
    ['prints two lines', `printf '${SECRET}\\nmore\\n'`, 'script-output', /printed two lines/],
    ['prints a NUL byte', `printf '${SECRET}\\0\\n'`, 'script-output', /printed a NUL byte/],
    ['prints a semicolon', `echo '${SECRET};x'`, 'script-output', /semicolon/],
    ['writes without end', 'head -c 1000000000 /dev/zero', 'script-failed', /far too much output/],
    ['fails after it changed the secret', `echo ${SECRET}; echo "no ${SECRET}" >&2; exit 3`, 'script-failed', /no /],
  ])('%s leaves the line as it was, and the next one mends it', async (_, end, code, says) => {
    const before = readFacts(world).lines;
    world.script('db', 'rotate', `${CHANGE}\n${end}`);
    const { error } = await world.run(['rotate', 'shop', 'db']);
    expect(error).toMatchObject({ ours: true, code, message: expect.stringMatching(says), hint: expect.any(String) });
    expect(JSON.stringify(error)).not.toContain(SECRET);
    expect(readFacts(world).lines).toEqual(before);
    await rotatesAgain();
  });

  it('hangs is killed with its group at its timeout, and run again by the next command', async () => {
    world.script('db', 'rotate', `${CHANGE}\nsleep 60 & trap "" TERM; wait; sleep 60`);
    const { error } = await world.run(['rotate', 'shop', 'db'], { timeout: 0.3 });
    expect(error).toMatchObject({ ours: true, message: expect.stringContaining('took too long') });
    await rotatesAgain();
  });

  /** With the fixture's own script. */
  async function rotatesAgain() {
    world.installScript('db', 'rotate');
    expect((await world.run(['release', 'shop'])).error).toBeUndefined();
    expect((await world.run(['rotate', 'shop', 'db'])).error).toBeUndefined();
    await world.prepare([['release', 'shop']]);
    expect(await verdict(world)).toEqual(KEPT);
    const [line] = readFacts(world).lines;
    expect((await world.platform.env('shop')).get('X_DB_URL')).toBe(`ledger://${line?.id}/${line?.private}`);
  }
});

describe('a clone with data, when', () => {
  it.each([
    ['dump dies half-way', 'dump', 'head -n 1 "$ADDON_DATA/data/$1"; kill -9 $$', /dump of db/],
    ['dump fails half-way', 'dump', 'head -n 1 "$ADDON_DATA/data/$1"; exit 1', /dump of db/],
    ['dump prints nothing', 'dump', 'true', /is empty/],
    ['restore fails', 'restore', 'cat >/dev/null; exit 1', /restore of db/],
    ['restore fails half-way', 'restore', 'head -n 1 >"$ADDON_DATA/data/$1"; exit 1', /restore of db/],
    ['restore reads nothing and fails', 'restore', 'exit 1', /restore of db/],
    ['restore dies', 'restore', 'head -n 1 >"$ADDON_DATA/data/$1"; kill -9 $$', /restore of db/],
  ] as const)('%s: the copy is unprovisioned, the original untouched', async (_, script, body, says) => {
    const before = readFacts(world);
    world.script('db', script, body);
    const { error } = await world.run(['clone', 'shop', 'blog', 'data']);
    expect(error).toMatchObject({ ours: true, message: expect.stringMatching(says), hint: expect.any(String) });
    expect(readFacts(world)).toMatchObject({ ledger: before.ledger, lines: before.lines, entries: [] });
    expect(await verdict(world)).toEqual(KEPT);
    world.installScript('db', script);
    await world.prepare([['clone', 'shop', 'blog', 'data']]);
    const { ledger, lines } = readFacts(world);
    expect(lines).toHaveLength(2);
    expect(new Set([...ledger.values()].map(({ data }) => data)).size).toBe(1);
  });

  it('restore hangs: it is killed, the copy is unprovisioned', async () => {
    const before = readFacts(world);
    world.script('db', 'restore', 'sleep 60 & wait');
    const { error } = await world.run(['clone', 'shop', 'blog', 'data'], { timeout: 0.5 });
    expect(error).toMatchObject({ ours: true, message: expect.stringContaining('took too long') });
    expect(readFacts(world)).toMatchObject({ ledger: before.ledger, lines: before.lines, entries: [] });
  });

  it('restore fails and unprovision, too: the copy stays in the journal until it is gone', async () => {
    world.script('db', 'restore', 'exit 1');
    world.script('db', 'unprovision', 'exit 1');
    expect((await world.run(['clone', 'shop', 'blog', 'data'])).error).toMatchObject({ code: 'script-failed' });
    expect(await verdict(world)).toEqual({ ...KEPT, found: ['interrupted'] });
    expect(readFacts(world).lines).toMatchObject([{ app: 'shop' }]);
    for (const name of ['restore', 'unprovision']) world.installScript('db', name);
    await world.run(['check --fix']);
    expect(await verdict(world)).toEqual(KEPT);
    expect(readFacts(world).ledger.size).toBe(1);
  });

  it('its source was removed while the command is dead: the copy is unprovisioned', async () => {
    world.atPoint('db', 'restore-start', 'manager group');
    const { signal } = await world.drive(['clone', 'shop', 'blog', 'data'], { announce: world.announce('db') });
    expect(signal).toBe('SIGKILL');
    await world.prepare([['remove', 'shop', 'db']]);
    await world.run(['check --fix']);
    expect(readFacts(world)).toMatchObject({ ledger: new Map(), lines: [], entries: [] });
    expect(await verdict(world)).toEqual(KEPT);
  });

  it('dump outlives its killed command: the recovery does not mix it with its own', async () => {
    const [source] = readFacts(world).lines;
    world.atPoint('db', 'dump-half', 'manager 1');
    const { signal } = await world.drive(['clone', 'shop', 'blog', 'data'], { announce: world.announce('db') });
    expect(signal).toBe('SIGKILL');
    const data = `data that came later to ${source?.id}\nand more of it\nwhole\n`;
    world.write('db', source?.id ?? '', data);
    world.atPoint('db', 'restore-start', '1.5');
    expect((await world.run(['clone', 'shop', 'blog', 'data'])).error).toBeUndefined();
    expect([...readFacts(world).ledger.values()].map((one) => one.data)).toEqual([data, data]);
    expect(await verdict(world)).toEqual(KEPT);
  });
});

describe('an unprovision that fails while the trash is emptied', () => {
  it('leaves the resource in the trash, from where it can still be brought back', async () => {
    await world.prepare([['remove', 'shop', 'db', { keepFor: 60 }]]);
    world.script('db', 'unprovision', 'echo "still in use" >&2; exit 1');
    const { error } = await world.run(['trash --empty']);
    expect(error).toMatchObject({ code: 'script-failed', message: expect.stringContaining('still in use') });
    expect(await verdict(world)).toEqual(KEPT);
    await world.prepare([['undo', 'shop', 'db']]);
    expect(readFacts(world)).toMatchObject({ lines: [{ app: 'shop' }], trash: [] });
    expect(await verdict(world)).toEqual(KEPT);
  });
});
