// The Docker engine and images of the tests, for the benches: written in TypeScript, which Node 20 does not run.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const pathOf = (path) => JSON.stringify(new URL(`../test/servers/${path}`, import.meta.url).pathname);

/** Starts an engine of its own. `image('redis')` makes an image and gives its tag; `stop` removes all of it. */
export async function startEngine() {
  const directory = mkdtempSync(join(tmpdir(), 'addons-bench-engine-'));
  const { startDockerd, removeDockerd, load } = await bundled(directory);
  const dockerd = await startDockerd(join(directory, 'engine'));
  return {
    host: dockerd.host,
    image: (name) => load(dockerd.host, name, 'own', join(directory, 'images')),
    async stop() {
      await removeDockerd(dockerd);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function bundled(directory) {
  const outfile = join(directory, 'engine.mjs');
  await build({
    stdin: {
      contents: `export { startDockerd, removeDockerd } from ${pathOf('engine/dockerd.ts')};
        export { load } from ${pathOf('images/load.ts')};`,
      resolveDir: directory,
    },
    bundle: true,
    // The start scripts of the images are read from where they are.
    define: { 'import.meta.dirname': pathOf('images') },
    platform: 'node',
    format: 'esm',
    outfile,
  });
  return await import(outfile);
}
