// What the scripts do: each is a call of the function of its name, with its arguments.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { ADDON_DATA, ADDONS_OP_ID, ADDON_CONFIG_GREETING } = process.env;
const resources = join(ADDON_DATA, 'resources');

process.umask(0o077);

/** Sets up what all apps share. May be run again. */
export function enable() {
  mkdirSync(resources, { recursive: true });
}

/** Undoes enable; refuses while a resource is there. May be run again. */
export function disable() {
  if (!existsSync(resources)) return;
  for (const name of readdirSync(resources)) if (name.startsWith('.new-')) rmSync(join(resources, name));
  try {
    rmdirSync(resources);
  } catch {
    fail(`Resources are left in ${resources}.`);
  }
}

/** Allocates a resource and prints one line, id;private. */
export function provision(app) {
  const id = `${app}-${ADDONS_OP_ID}`;
  // Printed before anything exists: whoever finds this run dead knows what to unprovision.
  console.log(`${id};`);
  const [file, building] = [join(resources, id), join(resources, `.new-${id}`)];
  if (existsSync(file)) return;
  writeFileSync(building, `${JSON.stringify({ greeting: ADDON_CONFIG_GREETING })}\n`, { flush: true });
  renameSync(building, file);
  sync(resources);
}

/** Destroys the resource; succeeds when it is gone already. */
export function unprovision(id) {
  check(id);
  for (const name of [id, `.new-${id}`]) rmSync(join(resources, name), { force: true });
  sync(resources);
}

/** Prints one line, where the resource is. Fails when it is gone. */
export function url(id) {
  check(id);
  const file = join(resources, id);
  if (!existsSync(file)) fail(`There is no resource ${id}.`);
  console.log(pathToFileURL(file).href);
}

/** The ids that exist, one a line. */
export function list() {
  for (const name of readdirSync(resources)) if (!name.startsWith('.')) console.log(name);
}

function check(id) {
  if (id === '' || id.startsWith('.') || id.includes('/')) fail(`${JSON.stringify(id)} is not an id.`);
}

function sync(directory) {
  const fd = openSync(directory, 'r');
  fsyncSync(fd);
  closeSync(fd);
}

function fail(why) {
  console.error(why);
  process.exit(1);
}
