import { readFileSync } from 'node:fs';
import { AddonsError, fromSystem, systemCode } from '../errors.ts';
import { isProfileName } from '../names.ts';
import type { Platform } from '../platform.ts';

/**
 * The variant of configuration that this machine runs with: the first line of `/etc/x/profile` that is no comment.
 *
 * @throws {AddonsError} `malformed` for what is no name; `permission`, `io`
 */
export function readProfile({ profile }: Platform): string | undefined {
  const name = textOf(profile)
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '' && !line.startsWith('#'));
  if (name === undefined || isProfileName(name)) return name;
  throw new AddonsError('malformed', `${profile} does not name a profile: ${JSON.stringify(name.slice(0, 80))}.`, {
    hint: 'Write one name: letters, digits, ".", "_" and "-", starting with a letter or digit, at most 63.',
  });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return '';
    throw fromSystem(error, path);
  }
}
