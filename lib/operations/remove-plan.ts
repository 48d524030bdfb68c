import type { Resource } from '../app/addons-file.ts';
import { extraNames } from '../state/app-files.ts';
import type { App } from '../state/apps.ts';
import type { Context } from './context.ts';
import { ownVariables } from './recovery/drop-variables.ts';
import type { RemoveResult } from './results.ts';

/** What can be planned for a resource. */
type Planned = Exclude<RemoveResult['resource'], 'unknown'>;

/** What a remove would do, in words. */
export async function planRemove(
  { store }: Context,
  app: App,
  { addon, id }: Resource,
  resource: Planned,
  until: string | undefined,
): Promise<RemoveResult> {
  const variables = await ownVariables(store, app, addon, extraNames(app, addon));
  return {
    app: app.name,
    addon,
    outcome: 'planned',
    id,
    resource,
    ...(until !== undefined && { until }),
    steps: [
      FIRST[resource](addon, id, until),
      `drop its line from ${app.dir}/ADDONS`,
      ...(variables.length > 0 ? [`drop ${variables.join(' and ')} from ${store.configVars.place(app)}`] : []),
    ],
  };
}

const FIRST: Record<Planned, (addon: string, id: string, until?: string) => string> = {
  destroyed: (addon, id) => `run unprovision of ${addon} for ${id}: its data is destroyed`,
  'in-trash': (_, id, until) => `put ${id} in the trash until ${until}`,
  kept: (_, id) => `leave ${id} as it is: it is marked as kept`,
  forgotten: (_, id) => `forget ${id}; no script is run`,
  stays: (_, id) => `leave ${id} as it is`,
};
