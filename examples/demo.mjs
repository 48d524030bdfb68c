// npm run demo: an app gets a working database, in a temporary home and without root.
// Every line after a `$` is a command that is really run. `npm run demo -- --keep` leaves the home for you to try more.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../', import.meta.url);
const { bin } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'));
const CLI = fileURLToPath(new URL(bin.addons, ROOT));
const APP = fileURLToPath(new URL('demo/guestbook.mjs', import.meta.url));
const keep = process.argv.includes('--keep');

checkInstalled();
// Ctrl-C ends the command that runs; the home is then removed as after any other failure.
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted = true;
  });
}
const home = mkdtempSync(join(tmpdir(), 'addons-demo-'));
try {
  await demonstrate();
} catch (error) {
  process.exitCode = 1;
  console.error(error.message);
} finally {
  if (!keep) rmSync(home, { recursive: true, force: true });
}

async function demonstrate() {
  say('A platform of its own, in a temporary home. An app is a directory in it:');
  show(`export ADDONS_HOME=${home}`);
  show('mkdir -p $ADDONS_HOME/apps/shop');
  mkdirSync(join(home, 'apps', 'shop'), { recursive: true });

  say('Enable the add-on db, and give the app a database:');
  await addons('enable', 'db');
  await addons('add', 'shop', 'db');

  say("Each release writes the URL to the app's ENV file:");
  await addons('release', 'shop');
  show('cat $ADDONS_HOME/apps/shop/ENV');
  await run('cat', [join(home, 'apps', 'shop', 'ENV')]);

  say('The app is another process. It is started with that ENV and nothing else, twice:');
  for (let start = 1; start <= 2; start++) {
    show('env -i sh -c ". $ADDONS_HOME/apps/shop/ENV; exec node guestbook.mjs"');
    await run('env', [
      '-i',
      'sh',
      '-c',
      '. "$0"; exec "$1" "$2"',
      join(home, 'apps', 'shop', 'ENV'),
      process.execPath,
      APP,
    ]);
  }

  say('Everything in one look:');
  await addons('list');
  whatNext();
}

function whatNext() {
  const hint = keep
    ? [`export ADDONS_HOME=${home}`, 'npx addons remove shop db    # asks before it destroys anything']
    : ['npm run demo -- --keep      # the same, and the home stays for you to play with'];
  say('What next:');
  for (const line of [
    ...hint,
    'npx addons help             # all commands; npx addons:add and npx addons add are the same',
    'examples/library            # the same from JavaScript',
    'examples/git-deploy-hook    # git push → release → running app',
    'docs/writing-add-ons.md     # an add-on is five small scripts: write your own',
  ]) {
    console.log(`  ${line}`);
  }
}

async function addons(...words) {
  show(['addons', ...words].join(' '));
  await run(process.execPath, [CLI, ...words]);
}

/** On one stream, so that headings and results keep their order also in a pipe. */
async function run(program, words) {
  const child = spawn(program, words, {
    env: { ...platformFree(process.env), ADDONS_HOME: home },
    stdio: ['ignore', 1, 1],
  });
  const [status] = await once(child, 'exit');
  if (interrupted) throw new Error('The demo was interrupted.');
  if (status !== 0) throw new Error(`The demo stopped: ${program} ended with status ${status}.`);
}

/** A user who has a platform already must not have the demo write to it. */
function platformFree(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(ADDONS_|X_)/.test(name)));
}

function checkInstalled() {
  const missing = existsSync(CLI) ? libraryMissing() : 'dist/ is missing: this checkout is not built yet.';
  if (!missing) return;
  console.error(`${missing}\nRun: npm install && npm run demo`);
  process.exit(1);
}

function libraryMissing() {
  try {
    createRequire(import.meta.url).resolve('node-sqlite3-wasm');
    return undefined;
  } catch {
    return 'The SQLite library of the demo app (node-sqlite3-wasm) is not installed.';
  }
}

function say(text) {
  console.log(`\n${paint(1, text)}`);
}

function show(command) {
  console.log(`${paint(36, '$')} ${command}`);
}

function paint(code, text) {
  return process.stdout.isTTY && !process.env.NO_COLOR ? `\u001b[${code}m${text}\u001b[0m` : text;
}
