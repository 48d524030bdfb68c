import type { AppStatus, ResourceStatus, StatusResult } from '../../operations/results.ts';
import type { Call, Command } from '../call.ts';
import { warnOfMalformed } from '../malformed-lines.ts';
import { type Column, narrowTable } from '../narrow-table.ts';
import { timeAgo } from '../time-ago.ts';
import { type Paint, paint } from '../visible-text.ts';
import { plural, thousands } from '../wording.ts';

/** `addons status [app] [--health]`; exit 1 where an add-on is unhealthy. */
export const status: Command = async (call) => {
  const addons = await call.addons();
  const result = await addons.status(call.one('app'), { ...call.options, health: call.flags.health });
  if (result.apps.length === 0) call.report.note(`There are no apps in ${addons.platform.appsRoot}.`);
  else await call.print(statusText(call, result));
  for (const app of result.apps) warnOfMalformed(call, app);
  const unhealthy = (result.health ?? []).filter(({ health }) => health === 'unhealthy');
  for (const { message } of call.json ? [] : unhealthy) if (message !== undefined) call.report.warn(message);
  return { result, status: unhealthy.length > 0 ? 1 : 0 };
};

function statusText({ io }: Call, { apps, health }: StatusResult): string {
  const width = io.terminal.stdout ? io.columns : Number.POSITIVE_INFINITY;
  const color = paint(io.terminal.stdout, io.env);
  const healthOf = new Map(health?.map((one) => [one.addon, one.health]));
  const columns = health ? COLUMNS : COLUMNS.filter(({ heading }) => heading !== 'HEALTH');
  const rows = apps.flatMap((app) => cells(app, (addon) => (health ? [healthOf.get(addon) ?? '-'] : [])));
  const sums = [summary(apps), ...(health ? [healthSummary(health)] : [])].map((line) => `${wrapped(line, width)}\n`);
  return narrowTable(columns, rows, width, (text, heading) => colored(text, heading, color)) + sums.join('');
}

const COLUMNS: readonly Column[] = [
  { heading: 'APP' },
  { heading: 'ADD-ON' },
  { heading: 'ID', shortensTo: 8, spare: true },
  { heading: 'STATE' },
  { heading: 'HEALTH' },
  { heading: 'RELEASED', spare: true },
  { heading: 'VARIABLES', shortensTo: 12, spare: true },
];

function cells({ app, released, resources }: AppStatus, health: (addon: string) => string[]): string[][] {
  const last = released === undefined ? 'never' : timeAgo(new Date(released));
  if (resources.length === 0) return [[app, '-']];
  return resources.map(({ addon, id, state, configVar, env, kept }) => [
    app,
    addon,
    id || '-',
    kept ? `${state}, kept` : state,
    ...health(addon),
    last,
    [configVar, ...env].join(', '),
  ]);
}

function colored(text: string, heading: string, color: Paint): string {
  if (heading === 'HEALTH') return text === 'unhealthy' ? color.red(text) : text;
  const state = text.replace(', kept', '');
  if (heading !== 'STATE' || state === 'ok' || state === '') return text;
  return RED.has(state) ? color.red(text) : color.yellow(text);
}

const RED: ReadonlySet<string> = new Set<ResourceStatus['state']>([
  'quarantined',
  'removing',
  'not-installed',
  'duplicate',
]);

/** `1,000 apps, 3,000 resources: 2,998 ok, 2 drift` */
function summary(apps: readonly AppStatus[]): string {
  const states = apps.flatMap(({ resources }) => resources.map(({ state }) => state));
  const sum = `${plural(apps.length, 'app')}, ${plural(states.length, 'resource')}`;
  return states.length > 0 ? `${sum}: ${counted(states, 'ok')}` : sum;
}

function healthSummary(health: NonNullable<StatusResult['health']>): string {
  const sum = plural(health.length, 'enabled add-on');
  if (health.length === 0) return sum;
  const words = health.map((one) => (one.health === 'none' ? 'without a health script' : one.health));
  return `${sum}: ${counted(words, 'healthy')}`;
}

/** Each word with how often it is there: this one first, then the most frequent. */
function counted(words: readonly string[], first: string): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .sort(([a, many], [b, more]) => Number(b === first) - Number(a === first) || more - many)
    .map(([word, count]) => `${thousands(count)} ${word}`)
    .join(', ');
}

/** Broken at spaces where it is longer than the width. */
function wrapped(text: string, width: number): string {
  let line = 0;
  return text
    .split(' ')
    .map((word, i) => {
      const fits = line + 1 + word.length <= width;
      line = fits || i === 0 ? line + (i === 0 ? 0 : 1) + word.length : word.length;
      return i === 0 ? word : `${fits ? ' ' : '\n'}${word}`;
    })
    .join('');
}
