import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { manifestDocument, parseManifest } from '../../lib/app/manifest.ts';
import { manifest, released } from './manifest.ts';
import { failure, platform } from './world.ts';

const ADDONS = ['bank', 'vault', 'my-db'];
const APPS = ['shop', 'blog', 'a.b', 'constructor'];

/** Apps with add-ons, each with extra names that no other has. */
const someApps = fc
  .dictionary(fc.constantFrom(...APPS), fc.dictionary(fc.constantFrom(...ADDONS), fc.nat(2)))
  .map((apps) =>
    Object.fromEntries(
      Object.entries(apps).map(([app, resources]) => [
        app,
        Object.fromEntries(
          Object.entries(resources).map(([addon, count]) => [
            addon,
            Array.from({ length: count }, (_, i) => `${addon.replace('-', '_').toUpperCase()}_${i}`),
          ]),
        ),
      ]),
    ),
  );

it('gives a manifest for which there is nothing to do', async () => {
  await fc.assert(
    fc.asyncProperty(someApps, async (apps) => {
      const world = platform();
      for (const name of ADDONS) {
        world.install(name);
        const marker = world.addons.platform.marker(name);
        world.app(join('.add-ons', name));
        writeFileSync(marker, '');
      }
      for (const [app, resources] of Object.entries(apps)) released(world, app, resources);
      const found = await world.addons.export();
      expect(found).toEqual(manifest(apps));
      const written = Buffer.from(JSON.stringify(manifestDocument(found)));
      expect((await world.addons.plan(parseManifest(written, 'addons.json'))).changes).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

it('is of all apps, those without add-ons included, or of the ones that are named; reads only', async () => {
  const world = platform();
  await world.enable('vault');
  released(world, 'shop', { vault: ['B_URL', 'A_URL'] });
  world.app('blog');
  const before = world.tree();
  expect(JSON.stringify(await world.addons.export())).toBe(
    '{"apps":{"blog":{},"shop":{"vault":{"env":["A_URL","B_URL"]}}}}',
  );
  expect(await world.addons.export(['blog'])).toEqual(manifest({ blog: {} }));
  expect(world.tree()).toEqual(before);
});

it('tells of lines that do not say what an app has', async () => {
  const world = platform();
  world.app('shop', 'vault;1;x\nvault;2;x\n');
  const dir = world.app('blog', 'secret stuff\n');
  const error = await failure(world.addons.export());
  expect(error).toMatchObject({
    code: 'malformed',
    message: 'There is no manifest of this: 2 things stand in the way.',
  });
  expect(error.details.failures?.[0]?.message).toBe(`Line 1 of ${join(dir, 'ADDONS')}: 0 semicolons instead of 2.`);
  expect(readFileSync(join(dir, 'ADDONS'), 'utf8')).toBe('secret stuff\n');
  expect(await failure(world.addons.export(['nosuch']))).toMatchObject({ code: 'app-not-found' });
});
