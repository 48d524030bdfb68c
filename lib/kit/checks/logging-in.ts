import type { Check, Skipped } from '../check.ts';
import { isFile, isServer, logIn, schemeOf } from '../logins.ts';
import { broken, urlOf } from '../resources.ts';
import { checkInterrupted } from '../run-script.ts';
import type { Trial } from '../trial.ts';
import { firstOf } from './urls.ts';

export const login: Check = async (trial) => {
  const url = await urlOf(trial, firstOf(trial));
  const scheme = schemeOf(url);
  const skipped = whyNot(trial, scheme);
  if (skipped) return skipped;
  trial.tell(`logging in at a ${scheme} URL`);
  const tried = await logIn(url, trial.signal);
  checkInterrupted(trial);
  if (tried.end === 'accepted') return undefined;
  if (tried.end === 'unknown') return { skipped: tried.why };
  const seen =
    tried.end === 'refused' ? 'the service refused user and password' : `no login was possible: ${tried.why}`;
  throw broken(
    isFile(scheme) ? 'The file or directory of the URL is not there.' : `At the URL that url printed, ${seen}.`,
    isFile(scheme)
      ? 'Print the absolute path, percent-encoded.'
      : 'Let provision wait until the service answers, and print an address that can be reached from here and from a container.',
  );
};

export const wrongPassword: Check = async (trial) => {
  const url = await urlOf(trial, firstOf(trial));
  const scheme = schemeOf(url);
  const skipped = whyNot(trial, scheme);
  if (skipped) return skipped;
  if (isFile(scheme)) return { skipped: 'a file has no password: its mode decides who may read it' };
  const wrong = new URL(url);
  if (wrong.password === '') return { skipped: 'the URL has no password' };
  wrong.password = `wrong-${wrong.password}`;
  trial.tell('logging in with a wrong password');
  const tried = await logIn(wrong.href, trial.signal);
  checkInterrupted(trial);
  if (tried.end === 'unknown') return { skipped: tried.why };
  // Whatever else keeps it out is good.
  if (tried.end !== 'accepted') return undefined;
  throw broken(
    'The service let a client in with a wrong password.',
    'Let it ask for the password, also from this machine.',
  );
};

function whyNot({ options }: Trial, scheme: string): Skipped | undefined {
  if (isFile(scheme)) return undefined;
  if (!isServer(scheme)) return { skipped: `no client for the scheme ${scheme} is at hand` };
  return options.connect ? undefined : { skipped: 'not asked for: add --connect' };
}
