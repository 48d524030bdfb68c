import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../lib/operations/results.ts';
import type { World } from './world.ts';

/** `{ shop: { vault: ['NAME'] } }` as a manifest. */
export const manifest = (apps: Record<string, Record<string, string[]>>, additive = false): Manifest => ({
  apps: Object.fromEntries(
    Object.entries(apps).map(([app, resources]) => [
      app,
      Object.fromEntries(Object.entries(resources).map(([addon, env]) => [addon, { env }])),
    ]),
  ),
  ...(additive && { additive }),
});

/** An app whose ENV is what a release leaves behind. */
export function released(world: World, name: string, resources: Record<string, string[]>): string {
  const lines = Object.keys(resources).map((addon) => `${addon};${name}-${addon};secret\n`);
  const dir = world.app(name, lines.join(''));
  const names = Object.entries(resources).flatMap(([addon, env]) => env.map((one) => `${addon};${one}\n`));
  if (names.length > 0) writeFileSync(join(dir, 'ADDONS.env'), names.join(''), { mode: 0o600 });
  const variables = Object.entries(resources).flatMap(([addon, env]) =>
    [world.addons.platform.configVar(addon), ...env].map((key) => `export ${key}='vault://${name}-${addon}'\n`),
  );
  writeFileSync(join(dir, 'ENV'), variables.join(''), { mode: 0o600 });
  return dir;
}
