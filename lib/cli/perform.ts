import type { AddonsError } from '../errors.ts';
import { variablePrefix } from '../names.ts';
import type { Addons, CallOptions } from '../operations/results.ts';
import type { PlatformPaths } from '../platform.ts';
import type { Answer, Call } from './call.ts';
import type { CommandEntry } from './command-entry.ts';
import { commandHelp } from './command-help.ts';
import { shownError } from './error-text.ts';
import { write } from './io.ts';
import { fillOperands } from './operands.ts';
import type { Flags } from './options.ts';
import { parse } from './parse.ts';
import { openPlatformOf, readSettings, type Session } from './session.ts';
import { type Settings, settle } from './settings.ts';
import { checkExists, explained, openStandIn } from './stand-in.ts';
import { usedApp, usedAppPlace } from './used-app.ts';

/** Understands the words, loads the command's module and calls it. */
export async function perform(session: Session, entry: CommandEntry, tokens: readonly string[]): Promise<Answer> {
  const parsed = parse(entry, tokens);
  const { flags } = parsed;
  const { io, report, json, quiet, surface } = session;
  const print = async (text: string) => {
    report.clear();
    if (!json) await write(io.stdout, text);
  };
  if (flags.version) return printed(print, `${io.program.version}\n`, { version: io.program.version });
  if (flags.help) {
    const text = surface.spell(await commandHelp(entry, io.columns));
    return printed(print, text, { text });
  }
  const settings = entry.standalone
    ? settle({ flags, env: io.env, cwd: io.cwd }, {})
    : await readSettings(session, flags);
  const place = usedAppPlace(io.env, settings.paths);
  const standIn = openStandIn(report, entry, place);
  const operands = fillOperands(entry, parsed, standIn);
  let opened: Promise<Addons> | undefined;
  const addons = () => {
    opened ??= openPlatformOf(session, settings);
    return opened;
  };
  const failures: AddonsError[] = [];
  const taken = standIn.taken();
  if (taken) await checkExists(taken, await addons());
  const call: Call = {
    verb: entry.name,
    flags,
    // To be repeated, a command must name what it meant.
    typed: taken ? ['--app', taken.app, ...tokens] : tokens,
    one: (name) => operands.get(name)?.[0],
    given: (name) => operands.get(name)?.[0] ?? missed(name),
    many: (name) => (entry.verbatim ? (operands.get(name) ?? []) : [...new Set(operands.get(name))]),
    app: () => flags.app ?? standIn.app(),
    usedApp: place,
    options: callOptions(session, settings, flags, failures),
    addons,
    elsewhere: async (others) => {
      const there = await readSettings(session, others);
      return {
        addons: await openPlatformOf(session, there),
        used: usedApp(usedAppPlace(io.env, there.paths), () => {}),
      };
    },
    io,
    json,
    report,
    shown: (error) => shownError(error, Boolean(io.env.ADDONS_DEBUG), surface.spell),
    print,
    say: async (text) => {
      if (!quiet) await print(surface.spell(text));
    },
  };
  const command = await entry.load();
  try {
    return withFailures(await command(call), failures);
  } catch (error) {
    throw explained(error, standIn.taken());
  }
}

/** What was done is done; that a plugin failed over it makes the exit status. */
function withFailures(answer: Answer, failures: readonly AddonsError[]): Answer {
  if (failures.length === 0) return answer;
  const { status, errors = [], ...rest } = answer;
  return { ...rest, errors: [...errors, ...failures], ...(status && { status }) };
}

async function printed(print: (text: string) => Promise<void>, text: string, result: unknown): Promise<Answer> {
  await print(text);
  return { result };
}

function missed(operand: string): never {
  throw new TypeError(`The parser let a command through without its operand ${operand}`);
}

function callOptions(
  { io, report, json }: Session,
  { wait, timeout, paths }: Settings,
  flags: Flags,
  failures: AddonsError[],
): CallOptions {
  return {
    signal: io.signal,
    wait,
    timeout,
    dryRun: flags.dryRun ?? false,
    onProgress: (event) => {
      if (event.type === 'failure') failures.push(event.error);
      if (event.type !== 'failure' || !json) report.progress(event);
    },
    ...tracing(io, traceAskedBy(io.env, paths, flags), report.warn),
  };
}

/** `--trace`, or the variable that asks for one; undefined: nobody does. */
function traceAskedBy(env: Session['io']['env'], { name = 'x' }: PlatformPaths, { trace }: Flags): string | undefined {
  const variable = `${variablePrefix(name)}_TRACE`;
  return trace ? '--trace' : env[variable] ? variable : undefined;
}

function tracing({ terminal }: Session['io'], asked: string | undefined, warn: (message: string) => void): CallOptions {
  if (asked === undefined) return {};
  if (terminal.stderr) {
    warn(`${asked}: the scripts' commands are shown below, with the secrets in them; nothing of it is kept.`);
    return { trace: 2 };
  }
  // The variable is inherited, by an addons that a plugin calls for example: nobody has asked this one.
  if (asked === '--trace')
    warn('--trace needs a terminal on stderr, so that no secret gets into a log: going on without it.');
  return {};
}
