import type { Check } from '../check.ts';
import { isServer, logIn, schemeOf } from '../logins.ts';
import { broken, provision, shown, unprovision, urlOf } from '../resources.ts';
import { runOnce } from '../run-script.ts';
import type { Made, Trial } from '../trial.ts';

export const url: Check = async (trial) => {
  const address = await urlOf(trial, firstOf(trial));
  if (URL.canParse(address)) return undefined;
  const scheme = /^[a-z][a-z0-9+.-]*(?=:\/\/)/i.exec(address)?.[0];
  throw broken(
    scheme === undefined
      ? 'url printed a line that is no URL: it does not begin with a scheme and "://".'
      : `url printed a URL of the scheme ${scheme} that does not parse.`,
    'Print scheme://user:password@host:port/name and percent-encode what is not plain in each part.',
  );
};

export const urlStable: Check = async (trial) => {
  const made = firstOf(trial);
  const before = await urlOf(trial, made);
  if ((await urlOf(trial, made)) === before) return undefined;
  throw broken(
    'url printed two different URLs, one right after the other.',
    'Make it the same as last time unless something changed: else every release rewrites ENV.',
  );
};

export const urls: Check = async (trial) => {
  const all = [...trial.made.values()];
  const alone = new Map<string, string>();
  for (const made of all) alone.set(made.id, await urlOf(trial, made));
  const twice = firstTwice(all, alone);
  if (twice)
    throw broken(
      `The apps ${twice[0].app} and ${twice[1].app} were given the same URL.`,
      'Give each resource an address, or credentials, of its own.',
    );
  trial.tell(`running url for ${all.length} apps at once`);
  // All of them are waited for: what still ran would be in the way of the next check.
  const together = await Promise.allSettled(all.map((made) => urlOf(trial, made)));
  const urls = together.map((end) => (end.status === 'fulfilled' ? end.value : raise(end.reason)));
  const changed = all.find((made, at) => urls[at] !== alone.get(made.id));
  if (changed === undefined) return undefined;
  throw broken(
    `url of ${shown(changed.id)} is another one when it runs for all apps at once.`,
    'Let it use no file or port of a fixed name, or take a lock (flock).',
  );
};

export const urlGone: Check = async (trial) => {
  const made = await provision(trial, 'vanished');
  await unprovision(trial, made.id);
  const { exit, out } = await runOnce(trial, 'url', [made.id, made.private]);
  if (exit !== 0) return undefined;
  // A server that lets nobody in there any more is as good.
  const address = out.toString().trim();
  const isOfServer = URL.canParse(address) && isServer(schemeOf(address));
  if (isOfServer && !trial.options.connect)
    return { skipped: 'whether the server still lets somebody in there is seen with --connect only' };
  if (isOfServer && (await logIn(address)).end === 'refused') return undefined;
  throw broken(
    'url succeeded for a resource that is gone.',
    'Let it look whether the resource exists and exit with 1 if not: an app must not start on nothing, or on an empty database.',
  );
};

const raise = (error: unknown): never => {
  throw error;
};

/** Made by the check provision, which comes first. */
export function firstOf(trial: Trial): Made {
  const [first] = trial.made.values();
  if (first === undefined) throw new TypeError('No resource is left of the check provision');
  return first;
}

function firstTwice(all: readonly Made[], urls: ReadonlyMap<string, string>): [Made, Made] | undefined {
  const seen = new Map<string, Made>();
  for (const made of all) {
    const address = urls.get(made.id) ?? '';
    const other = seen.get(address);
    if (other) return [other, made];
    seen.set(address, made);
  }
  return undefined;
}
