import type { Change, ManifestPlan } from '../operations/results.ts';
import { type Paint, visible } from './visible-text.ts';

/** How a plan is shown. */
export interface PlanStyle {
  color: Paint;
  configVar: (addon: string) => string;
  /** What becomes of what is removed, where it is not marked as kept. */
  loss: string;
}

/** A plan as a diff, app by app, with a line that sums it up. */
export function manifestPlanText(plan: ManifestPlan, style: PlanStyle): string {
  const { changes } = plan;
  if (changes.length === 0) return `${nothingToDo(plan)}\n`;
  const enables = changes.flatMap((change) => ('app' in change ? [] : [changeText(change, style)]));
  const apps = [...new Set(changes.flatMap((change) => ('app' in change ? [change.app] : [])))];
  const blocks = apps.map((app) => [
    style.color.bold(app),
    ...changes.flatMap((change) => ('app' in change && change.app === app ? [`  ${changeText(change, style)}`] : [])),
  ]);
  return [...(enables.length > 0 ? [enables] : []), ...blocks, [`Plan: ${sum(changes)}.`]]
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

/** One change in a few words: `add redis to shop`. */
export const changeName = (change: Change): string => `${VERBS[change.action][0]} ${objectOf(change)}`;

/** The same as done: `Added redis to shop.` */
export const changeDone = (change: Change): string => `${VERBS[change.action][1]} ${objectOf(change)}.`;

/** `1,000 apps` */
export const counted = (count: number, noun: string): string =>
  `${String(count).replace(/\B(?=(\d{3})+$)/g, ',')} ${noun}${count === 1 ? '' : 's'}`;

const VERBS: Record<Change['action'], readonly [string, string]> = {
  enable: ['enable', 'Enabled'],
  add: ['add', 'Added'],
  remove: ['remove', 'Removed'],
  'add-name': ['add', 'Added'],
  'drop-name': ['drop', 'Dropped'],
  release: ['release', 'Released'],
};

function objectOf(change: Change): string {
  switch (change.action) {
    case 'enable':
      return change.addon;
    case 'add':
      return `${change.addon} to ${change.app}`;
    case 'remove':
      return `${change.addon} from ${change.app}`;
    case 'add-name':
      return `the name ${change.name} to ${change.addon} of ${change.app}`;
    case 'drop-name':
      return `the name ${change.name} from ${change.addon} of ${change.app}`;
    case 'release':
      return change.app;
  }
}

function changeText(change: Change, { color, configVar, loss }: PlanStyle): string {
  switch (change.action) {
    case 'enable':
      return color.green(`+ enable ${change.addon}`);
    case 'add':
      return `${color.green(`+ ${change.addon}`)}  (${[configVar(change.addon), ...change.env].join(', ')})`;
    case 'remove':
      return `${color.red(`- ${change.addon} ${visible(change.id)}`)}  ${change.kept ? 'marked as kept: it lives on' : loss}`;
    case 'add-name':
      return color.yellow(`~ ${change.addon}  + ${change.name}`);
    case 'drop-name':
      return color.yellow(`~ ${change.addon}  - ${change.name}`);
    case 'release':
      return color.yellow(`~ release: ${visible(change.reason)}`);
  }
}

function sum(changes: readonly Change[]): string {
  const count = (...actions: Change['action'][]) => changes.filter(({ action }) => actions.includes(action)).length;
  const [enables, names, releases] = [count('enable'), count('add-name', 'drop-name'), count('release')];
  return [
    [enables, `${counted(enables, 'add-on')} to enable`] as const,
    [count('add'), `${count('add')} to add`] as const,
    [count('remove'), `${count('remove')} to remove`] as const,
    [names, `${counted(names, 'name')} to change`] as const,
    [releases, `${counted(releases, 'app')} to release`] as const,
  ]
    .flatMap(([amount, text]) => (amount > 0 ? [text] : []))
    .join(', ');
}

const nothingToDo = ({ apps, resources }: ManifestPlan): string =>
  `Nothing to do: ${counted(apps, 'app')}, ${counted(resources, 'resource')} ${apps + resources === 1 ? 'is' : 'are'} as the manifest says.`;
