import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { CHECK_NAMES } from '../../lib/kit/contract.ts';
import type { CheckEnd } from '../../lib/kit/results.ts';
import { testAddon } from '../../lib/kit/test-addon.ts';
import type { Progress } from '../../lib/operations/results.ts';
import { collect, failure } from '../operations/world.ts';
import { needs } from '../require.ts';
import { BOX, box, script, temporary } from './box.ts';
import { A_PRIVATE, after, before, changed } from './broken.ts';

const ADDONS = join(import.meta.dirname, '../../addons');

const skipped = (ends: readonly CheckEnd[]) =>
  Object.fromEntries(ends.flatMap(({ check, reason }) => (reason === undefined ? [] : [[check, reason]])));
const failures = (ends: readonly CheckEnd[]) => ends.filter(({ outcome }) => outcome === 'failed');

test('an add-on that keeps the contract passes every check, and nothing of the test is left', async () => {
  const place = temporary();
  const ends = await collect(testAddon(box(), { temporary: place }));
  expect(failures(ends)).toEqual([]);
  expect(ends.map(({ check }) => check)).toEqual(CHECK_NAMES);
  expect(Object.keys(skipped(ends))).toEqual(['login', 'wrong-password']);
  expect(readdirSync(place)).toEqual([]);
});

test.skipIf(!needs('sqlite3'))('the shipped add-on db passes', async () => {
  const ends = await collect(testAddon(join(ADDONS, 'db'), { temporary: temporary() }));
  expect(failures(ends)).toEqual([]);
  expect(Object.keys(skipped(ends))).toEqual(['wrong-password', 'rotate', 'rotate-again']);
});

test('what an add-on need not have is skipped, with the reason', async () => {
  const source = box({
    'addon.toml': undefined,
    list: undefined,
    health: undefined,
    dump: undefined,
    restore: undefined,
    rotate: undefined,
  });
  const ends = await collect(testAddon(source, { temporary: temporary() }));
  expect(failures(ends)).toEqual([]);
  expect(skipped(ends)).toMatchObject({
    list: 'the add-on has no list script',
    health: 'the add-on has no health script',
    restore: 'the add-on has no restore script',
    'rotate-again': 'the add-on has no rotate script',
    'provision-killed': expect.stringContaining('idempotent = true'),
  });
});

test('one check brings along what it needs, and tells only of itself', async () => {
  const ends = await collect(testAddon(box(), { temporary: temporary(), only: ['rotate'] }));
  expect(ends).toMatchObject([{ check: 'rotate', outcome: 'passed' }]);
});

test('a check that cannot be done for the failure of another is told with that failure', async () => {
  const source = box({ url: script('exit 1') });
  const ends = await collect(testAddon(source, { temporary: temporary(), only: ['rotate'] }));
  expect(ends.map(({ check, outcome }) => `${check} ${outcome}`)).toEqual(['url failed', 'rotate skipped']);
});

test('an unknown check is refused with the nearest one', async () => {
  const error = await failure(collect(testAddon(box(), { only: ['urlgone'] })));
  expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining('Did you mean "url-gone"?') });
});

test('configuration reaches the scripts as the type of its default', async () => {
  const source = box({
    enable: script(`mkdir -p boxes secrets
[ "$ADDON_CONFIG_SIZE/$ADDON_CONFIG_LABEL/$ADDON_CONFIG_SEALED" = '12/a "b" = c/1' ] || { echo wrong >&2; exit 1; }`),
  });
  const config = { size: '12', label: 'a "b" = c', sealed: 'true' };
  const ends = await collect(testAddon(source, { temporary: temporary(), only: ['enable'], config }));
  expect(ends).toMatchObject([{ check: 'enable', outcome: 'passed' }]);
});

test.each([
  [{ siez: '1' }, 'Did you mean "size"?'],
  [{ size: 'big' }, 'The configuration key size takes a number.'],
  [{ sealed: 'maybe' }, 'The configuration key sealed takes true or false.'],
])('configuration that the add-on does not take is refused before anything is made: %o', async (config, message) => {
  const place = temporary();
  const error = await failure(collect(testAddon(box(), { temporary: place, config })));
  expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining(message) });
  expect(readdirSync(place)).toEqual([]);
});

test('while a check works, it says which script it waits for', async () => {
  const told: Progress[] = [];
  const onProgress = (event: Progress) => void told.push(event);
  await collect(testAddon(box(), { temporary: temporary(), only: ['enable'], onProgress }));
  expect(told).toContainEqual({ type: 'count', message: 'enable: running enable', done: 3, total: 4 });
});

test('interrupted, it takes away what it made: resources, processes, files', async () => {
  const place = temporary();
  const ran = join(place, 'ran');
  mkdirSync(join(place, 'home'));
  const source = box({
    enable: script('mkdir -p boxes secrets; setsid sleep 300 </dev/null >/dev/null 2>&1 &'),
    unprovision: script(`echo "$1" >>'${ran}'; rm -rf "boxes/$1"`),
    disable: script(`echo disable >>'${ran}'`),
    url: script('sleep 300'),
  });
  const stop = new AbortController();
  const onProgress = ({ message }: Progress) =>
    void (message === 'url: running url' && setTimeout(() => stop.abort(), 100));
  const options = { temporary: join(place, 'home'), signal: stop.signal, onProgress };
  const error = await failure(collect(testAddon(source, options)));
  expect(error).toMatchObject({ code: 'aborted', hint: 'All that it had made was removed.' });
  expect(readdirSync(join(place, 'home'))).toEqual([]);
  expect(readFileSync(ran, 'utf8')).toMatch(/^shop-\w+\ndisable\n$/);
});

test('a caller that looks at no more checks leaves nothing behind either', async () => {
  const place = temporary();
  for await (const { check } of testAddon(box(), { temporary: place })) if (check === 'provision') break;
  expect(readdirSync(place)).toEqual([]);
});

test('the directory that is tested is not touched, nor is anything beside it', async () => {
  const source = box({ enable: `${BOX.enable}echo >"$ADDON_ROOT/log"\n` });
  writeFileSync(join(source, '../neighbour'), '');
  await collect(testAddon(source, { temporary: temporary(), only: ['enable'] }));
  expect(existsSync(join(source, 'log'))).toBe(false);
  expect(readdirSync(join(source, '..')).sort()).toEqual([basename(source), 'neighbour'].sort());
});

test('a dump that holds the time is not taken for changed data', async () => {
  const source = box({
    dump: changed('dump', 'cat "boxes', 'date +%s\ncat "boxes'),
    restore: before('restore', 'sleep 0.5'),
  });
  const ends = await collect(testAddon(source, { temporary: temporary(), only: ['restore-empty', 'restore-cut'] }));
  expect(ends).toMatchObject([{ outcome: 'passed' }, { outcome: 'passed' }]);
});

test('what a failing provision printed is a secret, too', async () => {
  const source = box({
    provision: after('provision', 'echo "ALTER ROLE shop PASSWORD $password" >&2; echo bad >&2; exit 1'),
  });
  const ends = await collect(testAddon(source, { temporary: temporary(), only: ['provision'] }));
  expect(ends).toMatchObject([{ outcome: 'failed', stderr: expect.stringContaining('PASSWORD [redacted]') }]);
  expect(JSON.stringify(ends)).not.toMatch(A_PRIVATE);
});

test('a script that writes without end is stopped before the disk is full', async () => {
  const source = box({ provision: script('yes'), url: script('yes >&2') });
  const ends = await collect(testAddon(source, { temporary: temporary(), only: ['provision'] }));
  expect(ends).toMatchObject([{ seen: 'provision for the app shop wrote without end and was killed.' }]);
});

test('when tidying up, an unprovision that hangs is not asked for every resource', async () => {
  const place = temporary();
  const asked = join(place, 'asked');
  mkdirSync(join(place, 'home'));
  const source = box({ unprovision: script(`echo "$1" >>'${asked}'; sleep 300`) });
  const options = { temporary: join(place, 'home'), timeout: 0.5, only: ['ids'] };
  expect(failures(await collect(testAddon(source, options)))).toEqual([]);
  expect(readFileSync(asked, 'utf8').trim().split('\n')).toHaveLength(1);
  expect(readdirSync(join(place, 'home'))).toEqual([]);
});

test('interrupted while many apps come at once, it takes away what they got', async () => {
  const place = temporary();
  const ledger = join(place, 'ledger');
  mkdirSync(ledger);
  mkdirSync(join(place, 'home'));
  const source = box({
    list: undefined,
    provision: after('provision', `: >'${ledger}'/"$id"; case $1 in crowd-*) sleep 0.3 ;; esac`),
    unprovision: after('unprovision', `rm -f '${ledger}'/"$1"`),
  });
  const stop = new AbortController();
  const onProgress = ({ message }: Progress) => void (/resources at once/.test(message) && waitFor(ledger, stop));
  const options = { temporary: join(place, 'home'), signal: stop.signal, onProgress, only: ['concurrent'] };
  expect(await failure(collect(testAddon(source, options)))).toMatchObject({ code: 'aborted' });
  expect(readdirSync(ledger)).toEqual([]);
});

/** Stops once several of the crowd have something. */
function waitFor(ledger: string, stop: AbortController): void {
  const timer = setInterval(() => {
    if (readdirSync(ledger).filter((id) => id.startsWith('crowd-')).length < 3) return;
    clearInterval(timer);
    stop.abort();
  }, 10);
}
