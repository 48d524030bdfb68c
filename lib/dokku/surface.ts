import type { Call, Command } from '../cli/call.ts';
import type { CommandEntry } from '../cli/command-entry.ts';
import { findCommand } from '../cli/commands.ts';
import { EXIT_STATUS } from '../cli/exit-status.ts';
import type { OptionEntry } from '../cli/options.ts';
import type { Surface } from '../cli/surface.ts';
import { APP_NOT_FOUND, type Host } from './host.ts';

/** What the plugin works in. Without a host it is a platform of the seed's own time: apps are directories, nothing is asked. */
export interface DokkuSetting {
  host: Host | undefined;
  env: Readonly<Record<string, string | undefined>>;
}

/** `dokku addons:…`: the commands of `addons` that have a meaning there, each with what Dokku's users expect beside it. */
export function dokkuSurface(setting: DokkuSetting): Surface {
  const entries = dokkuEntries(setting.host);
  const hidden = [triggerEntry(setting), ...['cronwrap', 'tend', 'logs'].map(asIs)];
  return {
    find: (verb) => [...entries, ...hidden].find(({ name }) => name === verb),
    verbs: entries.map(({ name }) => name),
    spell: asDokkuCommands,
    exitStatus: ({ code }) => (code === 'app-not-found' ? APP_NOT_FOUND : EXIT_STATUS[code]),
  };
}

/** The commands that people type. */
export const dokkuEntries = (host?: Host): CommandEntry[] => [
  ...NAMES.map((name) => dokkuEntry(name, host)),
  reportEntry(host),
];

/** In the order of the help. What Dokku does itself (rename, clone, exec …) is not among them. */
export const NAMES = [
  'list',
  'add',
  'remove',
  'enable',
  'disable',
  'url',
  'info',
  'release',
  'check',
  'dump',
  'restore',
  'rotate',
  'status',
  'cron',
  'log',
  'executions',
  'processors',
  'adopt',
  'trash',
  'undo',
  'resolve',
  'unlock',
  'install',
  'uninstall',
] as const;

/** `addons add` is `dokku addons:add` here, and `addons list` is `dokku addons`. */
export const asDokkuCommands = (text: string): string =>
  text.replace(SPELLED, (_, name: string) => (name === 'list' ? 'dokku addons' : `dokku addons:${name}`));

const SPELLED = new RegExp(
  String.raw`(?<![\w/.:-])addons (${[...NAMES, 'report', 'trigger'].join('|')})(?![\w-])`,
  'g',
);

/** After these an app may have another config. */
const RELEASING: ReadonlySet<string> = new Set(['add', 'remove', 'rotate', 'restore', 'adopt', 'undo', 'disable']);

/** What they print tells people which command to type. */
const TELLING: ReadonlySet<string> = new Set(['check', 'trash', 'resolve', 'unlock', 'status']);

const NO_RESTART: OptionEntry = { flags: '--no-restart', description: 'leave the app running with its old config' };

function dokkuEntry(name: string, host: Host | undefined): CommandEntry {
  const entry = findCommand(name);
  if (entry === undefined) throw new TypeError(`There is no command ${name}`);
  const restarts = host !== undefined && (RELEASING.has(name) || name === 'release');
  return {
    ...entry,
    ...(name === 'release' && { summary: 'set the config vars of apps anew' }),
    hosted: true,
    options: restarts ? [...entry.options, NO_RESTART] : entry.options,
    load: async () => {
      const command = await entry.load();
      return inBody(host ? await withHost(name, host, command) : command, TELLING.has(name));
    },
  };
}

async function withHost(name: string, host: Host, command: Command): Promise<Command> {
  const { verified } = await import('./commands/verified.ts');
  return verified(host, await extended(name, host, command));
}

async function extended(name: string, host: Host, command: Command): Promise<Command> {
  if (name === 'list') return (await import('./commands/list.ts')).listVisible(host, command);
  if (name === 'check') return (await import('./commands/check.ts')).checkWithDokku(host, command);
  if (name === 'release') return (await import('./commands/release.ts')).releaseThenRestart(host, command);
  if (!RELEASING.has(name)) return command;
  const { thenRelease } = await import('./commands/then-release.ts');
  return name === 'disable' ? thenRelease(host, command, usersOfAddons) : thenRelease(host, command);
}

/** The apps that are to lose the add-ons. */
async function usersOfAddons(call: Call): Promise<string[]> {
  const addons = await call.addons();
  const wanted = new Set(call.many('addon'));
  const apps: string[] = [];
  for await (const { app, resources } of addons.listAll())
    if (resources.some(({ addon }) => wanted.has(addon))) apps.push(app);
  return apps;
}

/** What a change did is told as Dokku tells it, under its heading. */
const inBody =
  (command: Command, telling: boolean): Command =>
  (call) =>
    command({
      ...call,
      say: (text) => call.say(text.replace(/^(?=.)/gm, ' '.repeat(7))),
      ...(telling && { print: (text) => call.print(asDokkuCommands(text)) }),
    });

function reportEntry(host: Host | undefined): CommandEntry {
  return {
    name: 'report',
    hosted: true,
    group: 'See',
    summary: 'what the add-ons plugin knows of one or more apps',
    operands: [{ name: 'app', optional: true }],
    options: [
      { flags: '--format <format>', description: 'stdout (default) or json', offers: ['stdout', 'json'] },
      ...['list', 'vars', 'state'].map((property) => ({ flags: `--addons-${property}`, description: `only that` })),
    ],
    examples: ['addons report shop', 'addons report shop --addons-vars'],
    load: async () => {
      const [{ verified }, { report }] = await Promise.all([
        import('./commands/verified.ts'),
        import('./commands/report.ts'),
      ]);
      return host ? verified(host, report(host)) : report(host);
    },
  };
}

/** What the crontab and the scripts of add-ons call. */
function asIs(name: string): CommandEntry {
  const entry = findCommand(name);
  if (entry === undefined) throw new TypeError(`There is no command ${name}`);
  return { ...entry, hosted: true };
}

/** What the plugin's trigger files call. */
function triggerEntry({ env }: DokkuSetting): CommandEntry {
  return {
    name: 'trigger',
    hosted: true,
    group: 'Deploy',
    summary: 'answer a trigger of Dokku',
    operands: [{ name: 'trigger' }, { name: 'argument', many: true, optional: true }],
    options: [],
    examples: ['addons trigger post-app-rename-setup shop store'],
    hidden: true,
    verbatim: true, // Dokku's words are no options, and none is dropped because another is the same
    load: async () => async (call) => {
      const { findTrigger } = await import('./triggers.ts');
      const trigger = await findTrigger(call.given('trigger'));
      await trigger({ call, addons: await call.addons(), env }, call.many('argument'));
      return { result: {} };
    },
  };
}
