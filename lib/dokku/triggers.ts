import { AddonsError } from '../errors.ts';
import type { Trigger } from './triggers/trigger.ts';

/** The triggers that are answered here. The plugin's files for them leave at once where an app has no add-ons. */
export async function findTrigger(name: string): Promise<Trigger> {
  switch (name) {
    case 'post-extract':
      return (await import('./triggers/post-extract.ts')).postExtract;
    case 'builder-release':
      return released(1);
    case 'scheduler-deploy':
      return released(1);
    case 'pre-start':
      return released(0);
    case 'post-delete':
      return (await import('./triggers/post-delete.ts')).postDelete;
    case 'post-app-rename-setup':
      return (await import('./triggers/post-app-rename-setup.ts')).postAppRenameSetup;
    case 'post-app-clone':
      return (await import('./triggers/post-app-clone.ts')).postAppClone;
    case 'report':
      return (await import('./triggers/report.ts')).reportTrigger;
    case 'pre-release':
      return released(0);
    case 'pre-delete':
      return (await import('./triggers/pre-delete.ts')).preDelete;
    default:
      throw new AddonsError('usage', `The trigger ${JSON.stringify(name.slice(0, 80))} is not answered.`, {
        hint: 'See: dokku addons:help',
      });
  }
}

/** @param at which of the arguments is the app */
async function released(at: number): Promise<Trigger> {
  const { refresh } = await import('./triggers/refresh.ts');
  return (work, args) => refresh(work, args[at] ?? '');
}
