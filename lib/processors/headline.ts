import type { Execution } from './execution.ts';

/** `provision of db for shop`. */
export const subjectOf = ({ action, addon, app }: Execution): string =>
  [action, 'of', addon, ...(app === undefined ? [] : ['for', app])].join(' ');

/** `exit 0 after 0.3 s`, `SIGKILL after 30.0 s (timeout)`. */
export function endingOf({ exit, signal, stopped, started, finished }: Execution): string {
  const end = signal ?? (exit === null ? 'no result' : `exit ${exit}`);
  const seconds = ((Date.parse(finished) - Date.parse(started)) / 1000).toFixed(1);
  return `${end} after ${seconds} s${stopped === undefined ? '' : ` (${stopped})`}`;
}

/** The lines of the output, without control characters, which would steer whatever shows them. */
export const outputLines = ({ output }: Execution): string[] =>
  output === ''
    ? []
    : output
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => line.replace(/[\u0000-\u001f\u007f-\u009f]/g, asHex));

const asHex = (character: string) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
