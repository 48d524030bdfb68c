import { lstatSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Check } from '../check.ts';
import { reachableBelow } from '../files-below.ts';
import { broken, provision, unprovision, urlOf } from '../resources.ts';
import { mustSucceed, runOnce } from '../run-script.ts';
import type { Trial } from '../trial.ts';

export const umask: Check = async (trial) => {
  const strict = { umask: '077' };
  mustSucceed(trial, await runOnce(trial, 'enable', [], strict), 'under umask 077');
  const made = await provision(trial, 'strict', strict);
  await urlOf(trial, made, strict);
  await unprovision(trial, made.id, strict);
  return undefined;
};

export const modes: Check = async (trial) => {
  const data = trial.store.platform.addonData(trial.addon.name);
  const secrets = telling(trial);
  for (const entry of reachableBelow(data)) {
    const path = join(entry.parentPath, entry.name);
    const { mode } = lstatSync(path);
    const shownPath = `$ADDON_DATA/${relative(data, path)}`;
    const isShared = entry.isDirectory() && (mode & 0o1000) !== 0; // as /tmp is
    if ((mode & 0o002) !== 0 && !isShared)
      throw broken(`Every user can write to ${shownPath} after a run under umask 000.`, UMASK);
    if (entry.isFile() && (mode & 0o004) !== 0 && holdsAny(path, secrets))
      throw broken(`Every user can read ${shownPath}, which holds a private.`, UMASK);
  }
  return undefined;
};

const UMASK = 'Write "umask 077" at the top of each script; open to a server what it needs with chmod and chown.';

export const ownSession: Check = async ({ outlived }) => {
  const [script] = outlived;
  if (script === undefined) return undefined;
  throw broken(
    `A process of ${script}'s group still ran when ${script} had ended: the tool takes that for ${script} itself.`,
    'Start what is to stay in a session of its own: setsid my-server </dev/null >>"$ADDON_DATA/log" 2>&1 &',
  );
};

export const secrets: Check = async (trial) => {
  const known = telling(trial);
  const found = trial.written.find(({ text }) => known.some((secret) => text.includes(secret)));
  if (found === undefined) return undefined;
  throw broken(
    `${found.script} wrote a private, or the password of a URL, where people read.`,
    'Print it on stdout where the contract asks for it, and nowhere else; look for a "set -x".',
  );
};

export const argumentsOfProcesses: Check = async (trial) => {
  if (trial.seenArguments.length === 0) return { skipped: 'no process was seen: that needs /proc' };
  const known = telling(trial);
  const found = trial.seenArguments.find(
    ({ script, words }) =>
      !isScriptItself(trial, script, words) && words.some((word) => known.some((one) => word.includes(one))),
  );
  if (found === undefined) return undefined;
  throw broken(
    `While ${found.script} ran, a private stood in the arguments of ${found.words[0]?.slice(0, 100)}: every user can read them.`,
    'Pass it on through stdin, a file or the environment (PGPASSWORD, MYSQL_PWD, REDISCLI_AUTH).',
  );
};

/** Long enough that no other text holds it by chance. */
const telling = ({ secrets }: Trial): string[] => [...secrets].filter(({ length }) => length >= 8);

/** `rotate` gets the old private as an argument: so says the contract. */
const isScriptItself = ({ addon }: Trial, script: string, words: readonly string[]): boolean =>
  script === 'rotate' && words.includes(join(addon.root, script));

const LARGEST = 4 * 1024 * 1024; // bytes

function holdsAny(path: string, known: readonly string[]): boolean {
  try {
    if (lstatSync(path).size > LARGEST) return false; // data of a server, not a file that somebody wrote a password to
    const text = readFileSync(path, 'utf8');
    return known.some((secret) => text.includes(secret));
  } catch {
    return false;
  }
}
