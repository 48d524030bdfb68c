import type { AddonsError } from '../errors.ts';
import type { Progress } from '../operations/results.ts';
import { errorText, shownError } from './error-text.ts';
import { type Io, write } from './io.ts';
import { type Paint, paint, visible } from './visible-text.ts';

/** All that goes to stderr. One line of it may be passing: it is erased before anything else is written. */
export interface Reporter {
  progress(event: Progress): void;
  warn(message: string): void;
  note(message: string): void;
  error(error: AddonsError): void;
  /** Erases the passing line: before stdout is written, before a question, at the end. */
  clear(): void;
}

export interface ReporterOptions {
  /** Only errors and warnings. */
  quiet: boolean;
  /** Whether a line may pass: not while scripts write to the same terminal. */
  animate: boolean;
  /** A text with its commands as they are typed. */
  spell: (text: string) => string;
}

export function openReporter(io: Io, { quiet, animate, spell }: ReporterOptions): Reporter {
  const color = paint(io.terminal.stderr, io.env);
  const passing = passingLine(io, animate && io.terminal.stderr && !quiet);
  const told = new Set<string>();
  const line = (text: string) => {
    passing.clear();
    put(io, `${text}\n`);
  };
  // A library may tell by progress and again in its result; people need it once.
  const once = (text: string) => {
    if (!told.has(text)) line(text);
    told.add(text);
  };
  return {
    progress(event) {
      if (event.type === 'warning') once(markedLine('warning', spell(event.message), color));
      else if (event.type === 'failure') once(errorText(shownError(event.error, false, spell), color).trimEnd());
      // Its lines are somebody's log: each as often as it comes, and asked for by the configuration.
      else if (event.type === 'execution') line(event.message.split('\n').map(visible).join('\n'));
      else if (quiet) return;
      else if (event.type === 'count') passing.show(`${visible(event.message)} ${event.done}/${event.total}`);
      else if (event.type === 'note') once(markedLine('note', spell(event.message), color));
      else {
        line(markedLine(event.type, event.message, color));
        passing.show('');
      }
    },
    warn: (message) => once(markedLine('warning', spell(message), color)),
    note: (message) => {
      if (!quiet) once(markedLine('note', spell(message), color));
    },
    error: (error) => once(errorText(error, color).trimEnd()),
    clear: passing.clear,
  };
}

function markedLine(
  type: Exclude<Progress['type'], 'count' | 'execution' | 'failure'>,
  message: string,
  color: Paint,
): string {
  if (type === 'step') return `${color.bold('-----> ')}${visible(message)}`;
  if (type === 'warning') return `${color.yellow(' !     ')}${visible(message)}`;
  return `       ${visible(message)}`;
}

interface PassingLine {
  show(text: string): void;
  clear(): void;
}

/** A spinner with a text and the seconds gone by; nothing at all where there is no terminal. */
function passingLine(io: Io, on: boolean): PassingLine {
  let text = '';
  let since = 0;
  let turn = 0;
  let drawn = false;
  let timer: NodeJS.Timeout | undefined;
  const draw = () => {
    const gone = Math.floor((Date.now() - since) / 1000);
    const shown = `       ${'|/-\\'.charAt(turn++ % 4)} ${text}${text && ' '}${gone > 0 ? `${gone} s` : ''}`;
    put(io, `\r\u001b[K${shown.trimEnd().slice(0, io.columns - 1)}`);
    drawn = true;
  };
  return {
    show(next) {
      if (!on) return;
      text = next;
      if (timer) return;
      since = Date.now();
      timer = setInterval(draw, 100).unref();
    },
    clear() {
      clearInterval(timer);
      timer = undefined;
      if (drawn) put(io, '\r\u001b[K');
      drawn = false;
    },
  };
}

// Nothing can be told where stderr itself fails.
const put = (io: Io, text: string) => void write(io.stderr, text).catch(() => {});
