import { type CommandEntry, operandUsage } from '../command-entry.ts';
import { COMMANDS } from '../commands.ts';
import { GLOBAL_OPTIONS, namesOf, type OptionEntry } from '../options.ts';
import { bold, entry, markdownToRoff, type Table, tableOf, text, usage, verbatim } from './roff.ts';

/** What the pages are made of besides the command table. */
export interface ManSources {
  /** The text of `docs/cli.md`: nothing of it is written twice. */
  docs: string;
  version: string;
  /** `2026-01-31` */
  date: string;
}

/** The manual: `addons.1` and a page for each command, by file name. */
export function manPages(sources: ManSources): Map<string, string> {
  const pages = COMMANDS.map((command) => [`addons-${command.name}.1`, tidied(commandPage(command, sources))] as const);
  return new Map([['addons.1', tidied(overviewPage(sources))], ...pages]);
}

function commandPage(command: CommandEntry, sources: ManSources): string {
  const { name, aliases = [], summary, options, examples } = command;
  const described = section(sources.docs, `### ${name}`);
  const forms = [name, ...aliases].map((verb) => `addons ${verb} ${operandUsage(command)}`.trimEnd());
  return [
    head(`addons-${name}`, summary, sources),
    '.SH SYNOPSIS\n',
    forms.map((form) => `${synopsis(form)}${options.length > 0 ? ' [\\fIoptions\\fR]' : ''}\n`).join('.br\n'),
    '.SH DESCRIPTION\n',
    described === '' ? `.PP\n${text(`${summary}.`)}` : markdownToRoff(described, isOptionTable),
    '.SH OPTIONS\n',
    ...options.map((option) => optionEntry(option, tableOf(described))),
    `.PP\n${text('Options of every command, such as `--json`, `--dry-run` and `--home`, are those of')}`,
    `${reference('addons')}.\n`,
    exitStatus(sources),
    '.SH EXAMPLES\n',
    verbatim(examples),
    '.SH SEE ALSO\n',
    seeAlso(['addons', ...related(command)]),
  ].join('');
}

function overviewPage(sources: ManSources): string {
  const { docs } = sources;
  const groups = [...new Set(COMMANDS.map(({ group }) => group))];
  const environment = section(docs, '## Where settings come from');
  return [
    head('addons', 'backing services for the apps of a self-hosted platform', sources),
    '.SH SYNOPSIS\n',
    `${bold('addons')} \\fIcommand\\fR [\\fIwords\\fR] [\\fIoptions\\fR]\n.br\n`,
    `${bold('addons')} [\\fIapp\\fR | ${bold('-a')}]\n`,
    '.SH DESCRIPTION\n',
    markdownToRoff(intro(docs)),
    markdownToRoff(section(docs, '## What a word means')),
    '.SS The app\n',
    markdownToRoff(section(docs, '## The app')),
    '.SH COMMANDS\n',
    ...groups.map(
      (group) =>
        `.SS ${group}\n${COMMANDS.filter((one) => one.group === group)
          .map(listed)
          .join('')}`,
    ),
    '.SH OPTIONS\n',
    ...GLOBAL_OPTIONS.map((option) => optionEntry(option, tableOf(section(docs, '## Options of every command')))),
    '.SH OUTPUT\n',
    markdownToRoff(section(docs, '## Output')),
    '.SH ENVIRONMENT\n',
    markdownToRoff(environment),
    exitStatus(sources),
    '.SH SEE ALSO\n',
    seeAlso(COMMANDS.map(({ name }) => `addons-${name}`)),
  ].join('');
}

/** A heading begins a paragraph anyway. */
const tidied = (page: string): string => page.replace(/^(\.S[HS] .*\n)\.PP\n/gm, '$1');

const head = (name: string, summary: string, { version, date }: ManSources): string =>
  [
    `.TH ${name.toUpperCase()} 1 ${date} "paas-addons ${version}" "Add-ons"`,
    '.nh', // a command that is broken in two is no command
    '.ad l',
    '.SH NAME',
    `${name} \\- ${text(summary)}`,
  ].join('\n');

const synopsis = (form: string): string =>
  form
    .split(' ')
    .map((word) => {
      const [, open = '', name = '', close = ''] = /^([<[])(.*)([>\]])$/.exec(word) ?? [];
      if (name === '') return bold(word);
      const operand = usage(`<${name.replace('...', '')}>`) + (name.endsWith('...') ? '...' : '');
      return open === '[' ? `${open}${operand}${close}` : operand;
    })
    .join(' ');

/** The manual's own words for an option, where it has them. */
function optionEntry(option: OptionEntry, table: Table | undefined): string {
  const row = table?.rows.find(([cell = '']) => namesOf(option).some((name) => cell.includes(`\`${name}`)));
  const flags = option.flags.split(', ').map((flag) => `\`${flag}\``);
  return entry(flags.join(', '), row?.[1] ?? option.description);
}

const isOptionTable = ({ headings: [first] }: Table): boolean => first === 'option';

function exitStatus({ docs }: ManSources): string {
  const table = tableOf(section(docs, '## Exit statuses'));
  const rows = table?.rows.map(([status = '', meaning = '']) => entry(`**${status}**`, meaning)) ?? [];
  return `.SH EXIT STATUS\n${rows.join('')}`;
}

const listed = ({ name, summary }: CommandEntry): string => `.TP\n${reference(`addons-${name}`)}\n${text(summary)}`;

const related = ({ name, group }: CommandEntry): string[] =>
  COMMANDS.filter((other) => other.group === group && other.name !== name).map((other) => `addons-${other.name}`);

const seeAlso = (names: readonly string[]): string => `${[...names].sort().map(reference).join(',\n')}\n`;

const reference = (name: string): string => `${bold(name)}(1)`;

/** The part below a heading, up to the next one of its rank or above. */
function section(docs: string, heading: string): string {
  const after = docs.split(`\n${heading}\n`)[1] ?? '';
  return after.split(heading.startsWith('### ') ? /\n##/ : /\n## /)[0]?.trim() ?? '';
}

const intro = (docs: string): string => (docs.split(/\n## /)[0] ?? '').replace(/^# .*\n/, '').trim();
