import type { Addons, CallOptions } from '../operations/results.ts';
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
    options: callOptions(session, settings, flags),
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
    return await command(call);
  } catch (error) {
    throw explained(error, standIn.taken());
  }
}

async function printed(print: (text: string) => Promise<void>, text: string, result: unknown): Promise<Answer> {
  await print(text);
  return { result };
}

function missed(operand: string): never {
  throw new TypeError(`The parser let a command through without its operand ${operand}`);
}

function callOptions({ io, report }: Session, { wait, timeout }: Settings, flags: Flags): CallOptions {
  return {
    signal: io.signal,
    wait,
    timeout,
    dryRun: flags.dryRun ?? false,
    onProgress: report.progress,
    ...(flags.trace && tracing(io.terminal.stderr, report.warn)),
  };
}

function tracing(terminal: boolean, warn: (message: string) => void): CallOptions {
  warn(
    terminal
      ? "--trace: the scripts' commands are shown below, with the secrets in them; nothing of it is kept."
      : '--trace needs a terminal on stderr, so that no secret gets into a log: going on without it.',
  );
  return terminal ? { trace: 2 } : {};
}
