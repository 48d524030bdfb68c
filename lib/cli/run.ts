import type { AddonsError } from '../errors.ts';
import type { Answer } from './call.ts';
import { type Dispatch, dispatch } from './dispatch.ts';
import { errorDocument, shownError } from './error-text.ts';
import { INTERRUPTED, UNKNOWN_COMMAND, worst } from './exit-status.ts';
import { type Io, write } from './io.ts';
import { splitVerbatim } from './parse.ts';
import { perform } from './perform.ts';
import { type Open, type Session, startSession } from './session.ts';
import { ADDONS, type Surface } from './surface.ts';
import { findTarget } from './target.ts';

/**
 * Runs one command line and resolves to its exit status; everything is written by then. Never rejects.
 *
 * @param argv as `process.argv`
 */
export async function run(argv: readonly string[], io: Io, open: Open, surface: Surface = ADDONS): Promise<number> {
  const dispatched = dispatch(argv);
  const session = startSession(ownTokens(surface, dispatched), io, open, surface);
  let verb = dispatched.word ?? 'list';
  try {
    const target = await findTarget(session, dispatched);
    if ('unknown' in target) return await fail(session, verb, target.unknown, UNKNOWN_COMMAND);
    if ('foreign' in target) {
      const ended = await target.foreign();
      return typeof ended === 'number' ? ended : await fail(session, verb, ended, UNKNOWN_COMMAND);
    }
    verb = target.entry.name;
    return await finish(session, verb, await perform(session, target.entry, target.tokens));
  } catch (error) {
    const shown = shownError(error, Boolean(io.env.ADDONS_DEBUG), surface.spell);
    return await fail(session, verb, shown, statusOf(session, shown));
  } finally {
    session.report.clear();
  }
}

/** All tokens, but those of somebody else's command line. */
function ownTokens({ find }: Surface, { word, rest }: Dispatch): string[] {
  const entry = find(word ?? 'list');
  return entry ? splitVerbatim(entry, rest).own : rest;
}

async function finish(session: Session, command: string, answer: Answer): Promise<number> {
  const { result, errors = [], status, streamed = false } = answer;
  const error = worst(errors);
  session.report.clear();
  if (session.json && !streamed) await writeDocument(session.io, { version: 1, command, result, ...told(error) });
  return status ?? (error ? statusOf(session, error) : 0);
}

async function fail(session: Session, command: string, error: AddonsError, status: number): Promise<number> {
  session.report.clear();
  if (!session.json) session.report.error(error);
  // A stdout that fails leaves stderr as the only place to say so.
  else
    await writeDocument(session.io, { version: 1, command, ...told(error) }).catch(() => session.report.error(error));
  return status;
}

const told = (error: AddonsError | undefined) => (error ? { error: errorDocument(error) } : {});

/** Whatever fails after a signal failed because of it. */
const statusOf = ({ io, surface }: Session, error: AddonsError): number =>
  io.signal.aborted ? INTERRUPTED : surface.exitStatus(error);

const writeDocument = (io: Io, document: object): Promise<void> =>
  write(io.stdout, `${JSON.stringify(document, undefined, io.terminal.stdout ? 2 : undefined)}\n`);
