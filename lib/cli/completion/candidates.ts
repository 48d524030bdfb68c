import type { Addons } from '../../operations/results.ts';
import type { CommandEntry, Operand } from '../command-entry.ts';
import { COMMANDS } from '../commands.ts';
import { namesOf, type OptionEntry, takesValue } from '../options.ts';
import { type Line, operandAt, type Position } from './position.ts';

/** What may come next. `files` and its like are left to the shell, which knows how. */
export interface Candidates {
  words: Word[];
  also?: 'files' | 'directories' | 'programs';
}

export interface Word {
  word: string;
  /** One line for people. */
  description: string;
}

/** What is asked: the platform that the line names, and the app that is used on it. */
export interface Source {
  addons: Addons;
  used: string | undefined;
  /** `PATH`, in which commands of others lie. */
  path?: string | undefined;
}

export async function candidatesFor(position: Position, source: () => Promise<Source>): Promise<Candidates> {
  switch (position.at) {
    case 'verb':
      // The commands are known even where no app can be read.
      return {
        words: [
          ...COMMANDS.map(commandWord),
          ...(await source()
            .then(async (one) => [...(await pluginWords(one)), ...(await appWords(one))])
            .catch(() => [])),
        ],
      };
    case 'option':
      return { words: position.options.map(optionWord) };
    case 'command':
      return { words: [], also: position.first ? 'programs' : 'files' };
    case 'value': {
      const { words, also } = await ofValue(position.option, position.line, source);
      return found(
        words.map(({ word, description }) => ({ word: position.prefix + word, description })),
        also,
      );
    }
    case 'operand':
      return ofOperand(position.line, source);
    case 'nothing':
      return { words: [] };
  }
}

const commandWord = ({ name, summary }: CommandEntry): Word => ({ word: name, description: summary });

/** The long name says more. One whose value is missing is completed once it is there. */
const optionWord = (option: OptionEntry): Word => ({
  word: namesOf(option).at(-1) ?? '',
  description: option.description,
});

const found = (words: Word[], also: Candidates['also']): Candidates => (also ? { words, also } : { words });

async function ofValue(option: OptionEntry, line: Line, source: () => Promise<Source>): Promise<Candidates> {
  if (option.offers) return { words: option.offers.map((word) => ({ word, description: '' })) };
  if (!takesValue(option)) return { words: [] };
  const placeholder = /<(\w+)>/.exec(option.flags)?.[1];
  if (namesOf(option).includes('--app')) return { words: await appWords(await source()) };
  if (namesOf(option).includes('--add-on')) {
    return { words: await addonWords(line.entry.name, undefined, (await source()).addons) };
  }
  if (placeholder === 'file') return { words: [], also: 'files' };
  if (placeholder === 'dir') return { words: [], also: 'directories' };
  // --confirm repeats what was named.
  const named = line.app ?? line.words[0];
  if ((placeholder === 'app' || placeholder === 'addon' || placeholder === 'key') && named !== undefined) {
    return { words: [{ word: named, description: '' }] };
  }
  return { words: [] };
}

/** With an app in use the word may be the app, or what comes after it. */
async function ofOperand(line: Line, source: () => Promise<Source>): Promise<Candidates> {
  const { entry, words, app } = line;
  const operands = entry.operands.findIndex(isApp);
  if (operands !== 0) return offered(line, operandAt(entry, words.length), words, undefined, source);
  if (app !== undefined) return offered(line, operandAt(entry, words.length + 1), words, app, source);
  const { addons, used } = await source();
  const [first] = words;
  const skipsApp = used !== undefined && isAppNeeded(entry);
  if (first === undefined || entry.operands[0]?.many) {
    const named = await offered(line, entry.operands[0], words, undefined, source);
    const unnamed = skipsApp ? await offered(line, operandAt(entry, 1), [], used, source) : { words: [] };
    const also = unnamed.also ?? named.also;
    return found([...named.words, ...unnamed.words], also);
  }
  if (skipsApp && !(await addons.apps()).includes(first)) {
    return offered(line, operandAt(entry, words.length + 1), words, used, source);
  }
  return offered(line, operandAt(entry, words.length), words.slice(1), first, source);
}

const isApp = ({ name }: Operand): boolean => name === 'app';

const isAppNeeded = ({ operands: [first] }: CommandEntry): boolean =>
  first !== undefined && isApp(first) && !first.optional;

/** @param given words that were named already, in an operand that takes many */
async function offered(
  { entry }: Line,
  operand: Operand | undefined,
  given: readonly string[],
  app: string | undefined,
  source: () => Promise<Source>,
): Promise<Candidates> {
  if (operand === undefined) return { words: [] };
  const what = operand.offers ?? operand.name;
  const left = (words: Word[]) => ({ words: words.filter(({ word }) => word !== app && !given.includes(word)) });
  if (typeof what !== 'string') return { words: what.map((word) => ({ word, description: '' })) };
  if (what === 'app') return left(await appWords(await source()));
  if (what === 'addon') return left(await addonWords(entry.name, app, (await source()).addons));
  if (what === 'operation') return { words: await operationWords((await source()).addons) };
  if (what === 'execution') return { words: await executionWords((await source()).addons) };
  if (what === 'key') return { words: await heldWords((await source()).addons) };
  if (what === 'command') {
    return entry.verbatim ? { words: [], also: 'programs' } : { words: COMMANDS.map(commandWord) };
  }
  if (what === 'file') return { words: [], also: entry.verbatim ? 'programs' : 'files' };
  if (what === 'directory' || what === 'source') {
    const also = what === 'source' ? 'files' : 'directories';
    return { words: await shippedWords((await source()).addons), also };
  }
  return what === 'dir' ? { words: [], also: 'directories' } : { words: [] };
}

const appWords = async ({ addons }: Source): Promise<Word[]> =>
  (await addons.apps()).map((word) => ({ word, description: 'app' }));

async function pluginWords({ addons, path }: Source): Promise<Word[]> {
  const { findPlugins } = await import('../../plugins/plugin.ts');
  const { listPathCommands } = await import('../../plugins/path-commands.ts');
  return [
    ...findPlugins(addons.platform).map(({ name, descriptor }) => ({
      word: name,
      description: descriptor?.description ?? 'plugin',
    })),
    ...listPathCommands(path).map(({ name }) => ({ word: name, description: 'plugin' })),
  ];
}

/** What the command can do something with. */
async function addonWords(verb: string, app: string | undefined, addons: Addons): Promise<Word[]> {
  const known = await addons.addons();
  const words = known.map(({ name, description = 'add-on' }) => ({ word: name, description }));
  if (verb === 'enable') return words.filter((_, i) => !known[i]?.enabled);
  if (verb === 'disable') return words.filter((_, i) => known[i]?.enabled);
  if (verb === 'uninstall') return words.filter((_, i) => known[i]?.installed && !known[i]?.enabled);
  if (OF_INSTALLED.has(verb)) return words.filter((_, i) => known[i]?.installed);
  if (app === undefined) return words;
  const names = await namesHeld(verb, app, addons);
  if (verb === 'add' || verb === 'adopt') return words.filter(({ word }) => !names.has(word));
  // An add-on that is no longer installed may still have its line.
  return [...names].map((name) => words.find(({ word }) => word === name) ?? { word: name, description: 'add-on' });
}

const OF_INSTALLED: ReadonlySet<string> = new Set(['repack', 'run', 'shell']);

/** Also those that are installed: perhaps by another name. */
const shippedWords = async (addons: Addons): Promise<Word[]> =>
  (await addons.addons()).flatMap(({ name, shipped, description = 'add-on' }) =>
    shipped ? [{ word: name, description }] : [],
  );

async function namesHeld(verb: string, app: string, addons: Addons): Promise<Set<string>> {
  if (verb !== 'undo') return new Set((await addons.list(app)).resources.map(({ addon }) => addon));
  return new Set((await addons.trash()).filter((item) => item.app === app).map(({ addon }) => addon));
}

async function heldWords(addons: Addons): Promise<Word[]> {
  const { held } = await addons.unlock();
  return held.map(({ key, name, since }) => ({ word: key, description: `${name}, since ${since}` }));
}

/** The newest first: the one that just failed. */
const executionWords = async (addons: Addons): Promise<Word[]> =>
  (await addons.executions({ last: 20 }))
    .toReversed()
    .map(({ id, action, addon, app }) => ({ word: id, description: [action, addon, app].filter(Boolean).join(' ') }));

/** Those that need a person. */
async function operationWords(addons: Addons): Promise<Word[]> {
  const { entryIds } = await import('../../state/journal.ts');
  const { openStore } = await import('../../state/store.ts');
  const { nodeDisk } = await import('../../state/disk.ts');
  const reports = await Promise.all(
    entryIds(openStore(addons.platform, nodeDisk)).map((id) => addons.inspect(id).catch(() => undefined)),
  );
  return reports.flatMap((report) =>
    report === undefined || !['quarantined', 'damaged'].includes(report.state)
      ? []
      : [{ word: report.operation, description: [report.kind, report.addon, report.app].filter(Boolean).join(' ') }],
  );
}
