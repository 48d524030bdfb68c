import type { CronJob } from '../addon/cron.ts';
import { AddonsError } from '../errors.ts';
import { callWords } from './own-program.ts';

/** How cron starts the program on one platform. */
export interface ProgramCall {
  /** Absolute paths: of Node, and of the program. */
  program: readonly string[];
  /** Variables that say which platform it serves. */
  variables: Readonly<Record<string, string>>;
}

/**
 * The line of a job. What it runs is not in it: cron would read `%` and a shell the rest.
 *
 * @throws {AddonsError} `usage` where a path has a line break, which no crontab can hold
 * @example 30 4 * * * /usr/bin/env ADDONS_PLATFORM=x … /usr/bin/node /usr/lib/…/cli.cjs cronwrap vault backup
 */
export function crontabLine({ name, schedule }: CronJob, addon: string, { program, variables }: ProgramCall): string {
  const words = [...callWords(program, variables), 'cronwrap', addon, name];
  return `${schedule} ${words.map(word).join(' ')}`;
}

/** For whatever shell the crontab names, and for cron itself, which takes an unescaped `%` for a line break. */
function word(text: string): string {
  if (/[\0\r\n]/.test(text)) {
    throw new AddonsError('usage', `A crontab cannot hold the path ${JSON.stringify(text)}.`, {
      hint: 'Give that directory a name without line breaks.',
    });
  }
  const quoted = /^[\w@+=:,./%-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
  return quoted.replaceAll('%', '\\%');
}
