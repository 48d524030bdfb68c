// The whole add-on. Called by a script's name it is that script; called serve it answers url and health for a whole release.
import { randomBytes } from 'node:crypto';
import { access, mkdir, open, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

const { serve } = await import(process.env.ADDONS_SERVE ?? 'paas-addons/serve');
const { ADDON_DATA = '.', ADDON_CONFIG_HOST: host = 'gateway.example' } = process.env;
const keys = join(ADDON_DATA, 'keys');

process.umask(0o077);
await serve({
  enable: async () => void (await mkdir(keys, { recursive: true })),

  // All keys have been unprovisioned before; rmdir fails loudly should that not be so.
  disable: async () => void (await rmdir(keys).catch(unlessGone)),

  async provision({ app, operation }) {
    const id = `${app}-${operation}`;
    const known = await readFile(pathOf(id), 'utf8').catch(unlessGone);
    const secret = known ?? randomBytes(16).toString('hex');
    // Under a hidden name first, and durable before it is printed: there is never half a key, and never a lost one.
    if (known === undefined) await write(join(keys, `.new.${id}`), secret);
    if (known === undefined) await rename(join(keys, `.new.${id}`), pathOf(id));
    await sync(keys);
    return { id, private: secret };
  },

  async unprovision({ id }) {
    for (const path of [pathOf(id), join(keys, `.new.${id}`)]) await rm(path, { force: true });
    await sync(keys).catch(unlessGone);
  },

  // It fails when the key is gone: an app must not start with one that opens nothing.
  async url({ id, private: secret }) {
    await access(pathOf(id));
    return `https://${encodeURIComponent(id)}:${secret}@${host}/`;
  },

  list: async () => (await readdir(keys)).filter((name) => !name.startsWith('.')),

  health: () => access(keys),
});

/** The id comes back as it was printed, but a person may type it: never let it lead elsewhere. */
function pathOf(id) {
  if (/^$|^\.|\//.test(id)) throw new Error(`"${id}" is not an id of this add-on.`);
  return join(keys, id);
}

async function write(path, text) {
  const file = await open(path, 'w', 0o600);
  await file.writeFile(text);
  await file.sync();
  await file.close();
}

async function sync(directory) {
  const handle = await open(directory, 'r');
  await handle.sync();
  await handle.close();
}

function unlessGone(error) {
  if (error.code !== 'ENOENT') throw error;
}
