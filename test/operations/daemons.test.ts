import { appendFileSync, chmodSync, cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { daemonProcesses, eventually, processesOf, served, when } from './daemons-world.ts';
import { collect, failure } from './world.ts';

// Real runit: runsvdir, runsv and svlogd of a home of its own.

const DAEMON = '[daemons.server]\ncommand = ["./serve"]\nstop_timeout = 1\n';
const SERVE = 'echo "ready $ADDON_INSTANCE"; exec sleep 1000';
const CONFIG = '[config]\ncolour = "it\'s blue"\nadmin_password = "open-sesame"\n';

it('runs the daemons of an add-on from enable to disable, and leaves nothing', async () => {
  const world = served();
  const { addons, home } = world;
  await world.enable('cache', {
    'addon.toml': `${DAEMON}instances = 2\n${CONFIG}`,
    serve: 'echo "ready $ADDON_INSTANCE $ADDON_CONFIG_COLOUR $ADDON_DATA $PWD"; exec sleep 1000',
  });
  const states = await addons.daemons();
  expect(states).toEqual(
    [1, 2].map((instance) => ({
      addon: 'cache',
      daemon: 'server',
      instance,
      state: 'running',
      pid: expect.any(Number),
      since: expect.stringMatching(/^\d{4}-.*Z$/),
      supervisor: 'runit',
    })),
  );
  for (const { pid } of states) await eventually(() => nameOf(pid) === 'sleep');
  expect(Math.abs(Date.now() - Date.parse(states[0]?.since ?? ''))).toBeLessThan(10_000);
  const { addonData, addonRoot } = addons.platform;
  await eventually(() => existsSync(addonData('cache')));
  const lines = await collect(addons.logs('cache'));
  expect(lines.map(({ instance, text }) => `${instance}: ${text}`).sort()).toEqual(
    [1, 2].map((one) => `${one}: ready ${one} it's blue ${addonData('cache')} ${addonRoot('cache')}`),
  );
  expect(await addons.check()).toMatchObject({ findings: [] });
  await addons.disable('cache');
  expect(await addons.daemons()).toEqual([]);
  expect(daemonProcesses(world)).toEqual([]);
  expect(processesOf(join(home, 'lib/services'))).toEqual([]);
  await addons.uninstall('cache');
  expect(existsSync(join(addons.platform.services, 'add-ons', 'cache'))).toBe(false);
  expect(existsSync(addons.platform.sockets('cache'))).toBe(false);
}, 30_000);

it('starts again what ended, with all its processes ended first', async () => {
  const world = served();
  // A child that the daemon leaves behind must not live beside its successor.
  await world.enable('cache', { 'addon.toml': DAEMON, serve: 'sleep 2000 & exec sleep 1000' });
  const [before] = await world.addons.daemons('cache');
  await eventually(() => daemonProcesses(world).length === 2);
  process.kill(Number(before?.pid), 'SIGKILL');
  await when(world, 'cache', ([now]) => now?.state === 'running' && now.pid !== before?.pid);
  await eventually(() => daemonProcesses(world).length === 2);
}, 30_000);

it('kills what does not end in its time, the whole group', async () => {
  const world = served();
  await world.enable('cache', {
    'addon.toml': DAEMON,
    serve: "trap '' TERM; sleep 2000 & while :; do sleep 0.2; done",
  });
  await eventually(() => daemonProcesses(world).length >= 2);
  const begun = performance.now();
  const { outcome } = await world.addons.controlDaemons('cache', 'stop');
  expect(outcome).toBe('done');
  expect(performance.now() - begun).toBeGreaterThan(900);
  expect(daemonProcesses(world)).toEqual([]);
  expect(await world.addons.daemons('cache')).toMatchObject([{ state: 'down' }]);
  const { findings } = await world.addons.check();
  expect(findings.map(({ kind }) => kind)).toContain('daemon-down');
  expect(await world.addons.check({ fix: true })).toMatchObject({ findings: [] });
  expect(await world.addons.daemons('cache')).toMatchObject([{ state: 'running' }]);
}, 30_000);

it('limits what a daemon may use, and how old it becomes', async () => {
  const world = served();
  const limits =
    '[daemons.server.limits]\nfiles = 33\nprocesses = 4000\ncpu = 77\nfile_size = 4096\nmemory = 2000000000\n';
  await world.enable('cache', { 'addon.toml': `${DAEMON}max_age = 4\n${limits}`, serve: 'exec sleep 1000' });
  // What sets the limits becomes the daemon.
  const [before] = await when(world, 'cache', ([one]) => nameOf(one?.pid) === 'sleep');
  const text = readFileSync(`/proc/${before?.pid}/limits`, 'utf8');
  for (const line of [
    /open files +33 +33/,
    /processes +4000 +4000/,
    /cpu time +77 +77/,
    /file size +4096/,
    /address space +2000000000/,
  ]) {
    expect(text).toMatch(line);
  }
  await when(world, 'cache', ([now]) => now?.state === 'running' && now.pid !== before?.pid);
}, 30_000);

it('keeps a bounded log, and follows it over a rotation', async () => {
  const world = served();
  await world.enable('cache', {
    'addon.toml': `${DAEMON}log_size = 4096\nlog_files = 2\n`,
    serve:
      'i=0; while [ $i -lt 1000 ]; do i=$((i+1)); echo "line $i"; done; echo end; touch "$ADDON_DATA/written"\nwhile [ ! -e "$ADDON_DATA/go" ]; do sleep 0.1; done; i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo "more $i"; [ $((i%100)) -ne 0 ] || sleep 0.2; done; echo over; exec sleep 1000',
  });
  const data = world.addons.platform.addonData('cache');
  await eventually(() => existsSync(join(data, 'written')));
  let lines = await collect(world.addons.logs('cache', { lines: 1_000_000 }));
  for (let tries = 0; lines.at(-1)?.text !== 'end' && tries < 100; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    lines = await collect(world.addons.logs('cache', { lines: 1_000_000 }));
  }
  expect(lines.at(-1)?.text).toBe('end');
  expect(lines.length).toBeLessThan(600);
  const seen: string[] = [];
  const stop = new AbortController();
  const following = (async () => {
    for await (const { text } of world.addons.logs('cache', { lines: 1, follow: true, signal: stop.signal })) {
      seen.push(text);
      if (text === 'over') stop.abort();
    }
  })();
  await eventually(() => seen.length > 0);
  appendFileSync(join(data, 'go'), '');
  await following;
  expect(seen).toEqual(['end', ...Array.from({ length: 400 }, (_, i) => `more ${i + 1}`), 'over']);
}, 30_000);

it('finds and mends what somebody changed, took away or killed', async () => {
  const world = served();
  const { addons } = world;
  const { services } = addons.platform;
  await world.enable('cache', { 'addon.toml': DAEMON, serve: SERVE });
  const kinds = async () => (await addons.check()).findings.map(({ kind }) => kind);
  const start = join(services, 'add-ons/cache/a/server/start');
  appendFileSync(start, '# mine\n');
  expect(await kinds()).toEqual(['daemon-drift']);
  expect((await addons.check({ fix: true })).findings).toEqual([]);
  expect(readFileSync(start, 'utf8')).not.toContain('mine');
  chmodSync(start, 0o644);
  expect(await kinds()).toEqual(['daemon-drift']);
  await addons.check({ fix: true });
  rmSync(join(services, 'scan/cache:server:a:1'));
  await when(world, 'cache', ([one]) => one?.state === 'down');
  expect(await kinds()).toEqual(['daemon-down']);
  expect((await addons.check({ fix: true })).findings).toEqual([]);
  // As after a reboot: all processes are gone.
  for (const pid of [...processesOf(services), ...daemonProcesses(world)]) process.kill(pid, 'SIGKILL');
  expect(await addons.daemons('cache')).toMatchObject([{ state: 'down' }]);
  await collect(addons.releaseAll());
  expect(await addons.daemons('cache')).toMatchObject([{ state: 'running' }]);
}, 40_000);

it('finds a daemon that ends again and again', async () => {
  const world = served();
  await world.enable('cache', { 'addon.toml': DAEMON, serve: 'echo no port; exit 1' });
  const { findings } = await world.addons.check();
  expect(findings).toMatchObject([
    { kind: 'daemon-down', severity: 'error', message: 'The daemon server (1) of cache ends again and again.' },
  ]);
  expect((await collect(world.addons.logs('cache'))).at(-1)?.text).toBe('no port');
}, 30_000);

it('runs the daemons of the new version after an update, and none mid-install', async () => {
  const world = served();
  const { addons, home } = world;
  const source = join(home, 'source/cache');
  const put = (serve: string, toml = DAEMON) => {
    world.install('blank', { 'addon.toml': toml, serve, postinstall: 'echo "$(ls $ADDON_DATA)" >>/dev/null' });
    rmSync(source, { recursive: true, force: true });
  };
  put(SERVE);
  cpSync(addons.platform.addonRoot('blank'), source, { recursive: true });
  await addons.install(source);
  expect(await addons.daemons()).toEqual([]);
  await addons.enable('cache');
  const [before] = await addons.daemons('cache');
  put('echo new; exec sleep 1000', `${DAEMON}instances = 2\n`);
  cpSync(addons.platform.addonRoot('blank'), source, { recursive: true });
  await addons.install(source, { force: true });
  const after = await addons.daemons('cache');
  expect(after).toMatchObject([{ state: 'running' }, { state: 'running' }]);
  expect(after.map(({ pid }) => pid)).not.toContain(before?.pid);
  expect(daemonProcesses(world)).toHaveLength(2);
}, 30_000);

it('restarts the daemons of an add-on that is being developed after each sound change', async () => {
  const world = served();
  const { addons, home } = world;
  world.install('blank', { 'addon.toml': DAEMON, serve: SERVE });
  const source = join(home, 'source/cache');
  cpSync(addons.platform.addonRoot('blank'), source, { recursive: true });
  await addons.develop(source);
  await addons.enable('cache');
  const [before] = await addons.daemons('cache');
  const stop = new AbortController();
  for await (const end of addons.watch(source, { signal: stop.signal })) {
    if ('error' in end) throw end.error;
    if (end.files.length > 0) stop.abort();
    else appendFileSync(join(source, 'serve'), '# changed\n');
  }
  const [after] = await addons.daemons('cache');
  expect(after).toMatchObject({ state: 'running' });
  expect(after?.pid).not.toBe(before?.pid);
}, 30_000);

it('says what to install where nothing can run them, before anything is done', async () => {
  const world = served();
  world.install('cache', { 'addon.toml': DAEMON, serve: SERVE });
  const error = await failure(world.open({ scriptPath: '/nowhere' }).enable('cache'));
  expect(error).toMatchObject({ code: 'io', hint: 'Install runit: apt-get install runit' });
  expect(world.ran('cache')).toEqual([]);
  expect(existsSync(world.addons.platform.marker('cache'))).toBe(false);
});

function nameOf(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}
