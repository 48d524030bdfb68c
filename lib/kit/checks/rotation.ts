import { newOperationId } from '../../state/journal.ts';
import type { Check } from '../check.ts';
import { logIn } from '../logins.ts';
import { broken, provision, rotate as rotated, unprovision, urlOf } from '../resources.ts';
import { checkInterrupted } from '../run-script.ts';
import type { Made, Trial } from '../trial.ts';

export const rotate: Check = async (trial) => {
  const made = await provision(trial, 'rotated');
  const secret = await rotated(trial, made, newOperationId());
  if (secret === made.private)
    throw broken(
      'rotate printed the private that the resource had already.',
      'Let it set a new one, from /dev/urandom.',
    );
  await expectWorks(trial, { ...made, private: secret }, 'the new private that rotate printed');
  await unprovision(trial, made.id);
  return undefined;
};

export const rotateAgain: Check = async (trial) => {
  const made = await provision(trial, 'rotated-again');
  const operation = newOperationId();
  await rotated(trial, made, operation);
  // With the old private, as after a crash: the new one never reached the tool.
  const secret = await rotated(trial, made, operation);
  await expectWorks(trial, { ...made, private: secret }, 'the private that rotate printed when it was run again');
  await unprovision(trial, made.id);
  return undefined;
};

async function expectWorks(trial: Trial, made: Made, what: string): Promise<void> {
  const url = await urlOf(trial, made);
  if (!URL.canParse(url))
    throw broken(`With ${what}, url prints a URL that does not parse.`, 'Percent-encode it there.');
  if (!trial.passed.has('login')) return;
  const end = await logIn(url, trial.signal);
  checkInterrupted(trial);
  if (end.end === 'accepted' || end.end === 'unknown') return;
  throw broken(
    `With ${what}, the service does not let a client in.`,
    'Let rotate act as administrator, and print the private only when the service has it.',
  );
}
