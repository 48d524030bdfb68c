import { allApps, findApp } from '../state/apps.ts';
import type { Context } from './context.ts';
import { allOf, lookAtApp } from './manifest/look.ts';
import type { Manifest } from './results.ts';

/**
 * The manifest of what is: `plan` finds nothing to add or to remove for it. Reads only.
 *
 * @throws {AddonsError} `app-not-found`; `malformed`, `conflict` where an app's lines do not say what it has
 */
export async function exportManifest({ store }: Context, apps?: readonly string[]): Promise<Manifest> {
  const found = apps && apps.length > 0 ? apps.map((name) => findApp(store.platform, name)) : allApps(store.platform);
  const looks = found.map(lookAtApp);
  const problems = looks.flatMap((look) => look.problems);
  if (problems.length > 0) throw allOf(problems, 'There is no manifest of this');
  const resources = ({ has }: (typeof looks)[number]) =>
    Object.fromEntries(
      [...has]
        .map(([addon, { env }]) => [addon, { env: [...env].sort() }] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  return {
    apps: Object.fromEntries(
      looks.map((look) => [look.app.name, resources(look)] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  };
}
