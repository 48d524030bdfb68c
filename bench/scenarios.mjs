import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { openPlatform } from '../dist/index.js';
import { command, inTurn } from './measure.mjs';
import { addonNames, appNames, bareCalls, inNode, makeAddon, makeApp, makeHome } from './world.mjs';

const here = (path) => new URL(path, import.meta.url).pathname;
const CLI = here('../dist/cli.cjs');
const BASELINE = here('baseline.sh');
const CORES = availableParallelism();
const ms = (value) => (value < 1000 ? `${value.toFixed(1)} ms` : `${(value / 1000).toFixed(2)} s`);
/** The limit: the scripts alone, as many at once as there are cores. All add-ons have the same script. */
const xargs = (home, input) => command('xargs', [`-P${CORES}`, '-n2', join(home, 'lib/add-ons/addon1/url')], { input });

export async function releaseInProcess() {
  const rows = [];
  for (const [resources, wanted] of [
    [3, 2],
    [30, 4],
  ]) {
    const { home, remove } = makeHome();
    const addons = addonNames(resources);
    for (const addon of addons) makeAddon(home, addon);
    makeApp(home, 'app', addons);
    const platform = openPlatform({ home });
    const calls = bareCalls(['app'], addons);
    const took = await inTurn(
      20,
      {
        ours: () => platform.release('app'),
        baseline: () => command('bash', [BASELINE, home, 'app']),
        limit: () => xargs(home, calls),
      },
      () => rmSync(join(home, 'apps/app/ENV'), { force: true }),
    );
    remove();
    const ratio = took.baseline / took.ours;
    rows.push({
      what: `release in process, ${resources} resources`,
      figures: `${ms(took.ours)}; plain bash hook ${ms(took.baseline)}: ${ratio.toFixed(1)} × faster; bare scripts under xargs ${ms(took.limit)}`,
      goal: `${wanted} × faster than the plain hook`,
      met: ratio >= wanted,
      ...took,
    });
  }
  return rows;
}

export async function releaseProcess() {
  const { home, remove } = makeHome();
  makeAddon(home, 'addon1');
  makeApp(home, 'app', ['addon1']);
  const env = { ...process.env, ADDONS_HOME: home };
  const took = await inTurn(20, {
    ours: () => command(process.execPath, [CLI, 'release', 'app'], { env }),
    node: () => command(process.execPath, ['-e', '0'], { env }),
  });
  remove();
  const ratio = took.ours / took.node;
  return [
    {
      what: 'addons release app, as a process, 1 resource',
      figures: `${ms(took.ours)}; bare node -e 0 ${ms(took.node)}: ${ratio.toFixed(2)} ×`,
      goal: '≤ 1.6 × bare node',
      met: ratio <= 1.6,
      ...took,
    },
  ];
}

export async function releaseAll() {
  const { home, remove } = makeHome();
  const addons = addonNames(3);
  const apps = appNames(1000);
  for (const addon of addons) makeAddon(home, addon);
  for (const app of apps) makeApp(home, app, addons);
  const env = { ...process.env, ADDONS_HOME: home };
  const calls = bareCalls(apps, addons);
  const forget = () => {
    for (const app of apps) rmSync(join(home, 'apps', app, 'ENV'), { force: true });
  };
  const ours = () => command(process.execPath, [CLI, 'release', '--all', '--quiet'], { env });
  const contenders = {
    first: ours,
    again: ours,
    baseline: () => command('xargs', [`-P${CORES}`, '-n1', 'bash', BASELINE, home], { input: apps.join('\n') }),
    limit: () => xargs(home, calls),
  };
  const took = await inTurn(20, contenders, (name) => {
    if (name !== 'again') forget();
    command('sync', []); // what one left for the kernel to write is not the next one's to pay
  });
  remove();
  return ['first', 'again'].map((which) => ({
    what: `addons release --all, 1,000 apps × 3, ${which === 'first' ? 'first time' : 'again unchanged'}`,
    figures: `${ms(took[which])}; plain bash hook under xargs ${ms(took.baseline)}: ${(took.baseline / took[which]).toFixed(1)} × faster; bare scripts under xargs ${ms(took.limit)}: ${(took[which] / took.limit).toFixed(2)} ×`,
    goal: 'faster than the plain hook, ≤ 1.5 × the bare scripts',
    met: took[which] < took.baseline && took[which] / took.limit <= 1.5,
    ...took,
  }));
}

export async function listMany() {
  const { home, remove } = makeHome();
  const addons = addonNames(3);
  for (const addon of addons) makeAddon(home, addon);
  for (const app of appNames(10_000)) makeApp(home, app, addons);
  const env = { ...process.env, ADDONS_HOME: home };
  const took = await inTurn(20, {
    ours: () => command(process.execPath, [CLI, 'list'], { env }),
    node: () => command(process.execPath, ['-e', '0'], { env }),
  });
  const memory = peakMemory(['list'], env);
  remove();
  const more = took.ours - took.node;
  return [
    {
      what: 'addons list, 10,000 apps × 3',
      figures: `${ms(more)} more than bare node; peak memory ${(memory / 1024).toFixed(0)} MB`,
      goal: '≤ 1 s more than bare node, below 150 MB',
      met: more <= 1000 && memory / 1024 < 150,
      ...took,
      memory,
    },
  ];
}

/** A manifest that names everything, and ENV as a release leaves it: the least that has to be read. */
export async function plan() {
  const { home, apps, addons, env, remove } = released();
  const manifest = join(home, 'addons.json');
  writeFileSync(manifest, JSON.stringify({ apps: Object.fromEntries(apps.map((app) => [app, addons])) }));
  const words = ['plan', manifest, '--detailed-exitcode'];
  const result = await besideNode('addons plan, 1,000 apps × 3, nothing to do', words, env);
  remove();
  return [result];
}

export async function status() {
  const { env, remove } = released(['DATABASE_URL']);
  const result = await besideNode('addons status, 1,000 apps × 3', ['status'], env);
  remove();
  return [result];
}

/** 1,000 apps with three add-ons each, as a release leaves them. */
function released(names = []) {
  const { home, remove } = makeHome();
  const addons = addonNames(3);
  const apps = appNames(1000);
  for (const addon of addons) makeAddon(home, addon);
  for (const app of apps) makeApp(home, app, addons, names);
  const env = { ...process.env, ADDONS_HOME: home };
  command(process.execPath, [CLI, 'release', '--all', '--quiet'], { env });
  return { home, apps, addons, env, remove };
}

async function besideNode(what, words, env) {
  const took = await inTurn(20, {
    ours: () => command(process.execPath, [CLI, ...words], { env }),
    node: () => command(process.execPath, ['-e', '0'], { env }),
  });
  const more = took.ours - took.node;
  const goal = '≤ 1 s more than bare node';
  return { what, figures: `${ms(more)} more than bare node`, goal, met: more <= 1000, ...took };
}

export async function adds() {
  const { home, remove } = makeHome();
  makeAddon(home, 'addon1');
  const apps = appNames(200);
  for (const app of apps) makeApp(home, app, []);
  const began = performance.now();
  await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      addAll(
        home,
        apps.filter((__, n) => n % 8 === i),
      ),
    ),
  );
  const took = performance.now() - began;
  const lines = apps.map((app) => readFileSync(join(home, 'apps', app, 'ADDONS'), 'utf8'));
  const lost = lines.filter((text) => !/^addon1;.+;secret\n$/.test(text)).length;
  remove();
  return [
    {
      what: '200 adds from 8 processes',
      figures: `${ms(took)}, ${(200 / (took / 1000)).toFixed(0)} adds/s; ${lost} lost`,
      goal: 'nothing lost',
      met: lost === 0,
      took,
      lost,
    },
  ];
}

/** What it costs that every run of a script is kept: a release beside one whose executions go nowhere. */
export async function executions() {
  const { home, remove } = makeHome();
  const addons = addonNames(3);
  const apps = appNames(1000);
  for (const addon of addons) makeAddon(home, addon);
  for (const app of apps) makeApp(home, app, addons);
  const env = { ...process.env, ADDONS_HOME: home };
  const platform = openPlatform({ home });
  const processors = (name) =>
    writeFileSync(join(home, 'etc/addons.toml'), `[processors.history]\nenabled = ${name === 'history'}\n`);
  const one = () => platform.release('app00001');
  const all = () => command(process.execPath, [CLI, 'release', '--all', '--quiet'], { env });
  const rows = [];
  for (const [what, release, rounds] of [
    ['release in process, 3 resources', one, 200],
    ['addons release --all, 1,000 apps × 3, again unchanged', all, 20],
  ]) {
    const took = await inTurn(rounds, { history: release, none: release }, (name) => {
      processors(name);
      if (release === all) command('sync', []);
    });
    const more = took.history / took.none - 1;
    rows.push({
      what: `${what}: executions kept`,
      figures: `${ms(took.history)}; without a processor ${ms(took.none)}: ${(100 * more).toFixed(1)} % more`,
      goal: 'at most 5 % more',
      met: more <= 0.05,
      ...took,
    });
  }
  remove();
  return rows;
}

/** An add-on in Node that answers by one process, beside the same one as a script, which starts Node for each resource. */
export async function rpc() {
  const { home, remove } = makeHome();
  const addons = addonNames(3);
  const apps = appNames(1000);
  for (const addon of addons) makeAddon(home, addon);
  for (const app of apps) makeApp(home, app, addons);
  const env = { ...process.env, ADDONS_HOME: home };
  const all = () => command(process.execPath, [CLI, 'release', '--all', '--quiet'], { env });
  const shell = await inTurn(5, { sh: all });
  const use = (withServe) => {
    for (const addon of addons) inNode(home, addon, withServe);
  };
  use(true);
  const { served } = await inTurn(20, { served: all }, () => command('sync', []));
  use(false);
  const began = performance.now(); // minutes: once is enough
  all();
  const scripts = performance.now() - began;
  remove();
  const ratio = scripts / served;
  return [
    {
      what: 'addons release --all, 1,000 apps × 3, add-ons in Node that answer by serve',
      figures: `${ms(served)}; the same as scripts ${ms(scripts)} (one round): ${ratio.toFixed(0)} × faster; trivial sh scripts ${ms(shell.sh)}: ${(shell.sh / served).toFixed(1)} × faster`,
      goal: '20 × faster than the same add-on as scripts',
      met: ratio >= 20,
      served,
      scripts,
      sh: shell.sh,
    },
  ];
}

/** One process that adds one app after the other. */
function addAll(home, apps) {
  const program = `
    import { openPlatform } from ${JSON.stringify(here('../dist/index.js'))};
    const platform = openPlatform({ home: ${JSON.stringify(home)} });
    for (const app of ${JSON.stringify(apps)}) await platform.add(app, 'addon1');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`adding ended with ${code}`))));
  });
}

/** KiB, as the kernel counted it. */
function peakMemory(args, env) {
  const { stderr } = spawnSync(process.execPath, ['--require', here('peak-memory.cjs'), CLI, ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  return Number(/\npeak (\d+)$/.exec(stderr)?.[1]);
}
