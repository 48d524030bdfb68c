import { AddonsError } from '../../errors.ts';
import type { Addons, ReleaseResult } from '../../operations/results.ts';
import type { Answer, Call, Command } from '../call.ts';
import { each, startTally } from '../tally.ts';

/** `addons release <app>... | --all` */
export const release: Command = async (call) => {
  const apps = call.many('app');
  if (call.flags.all && apps.length > 0) {
    throw new AddonsError('usage', '--all and the name of an app exclude each other.', { hint: 'Leave one out.' });
  }
  if (!call.flags.all && apps.length === 0) {
    throw new AddonsError('usage', 'addons release needs an <app>.', { hint: 'Name it, or say --all.' });
  }
  const addons = await call.addons();
  return call.flags.all ? releaseAll(call, addons) : releaseThese(call, addons, apps);
};

const releaseThese = (call: Call, addons: Addons, apps: readonly string[]): Promise<Answer> =>
  each(call, apps, {
    noun: 'app',
    subject: (app) => ({ app }),
    act: async (app) => warned(call, await addons.release(app, call.options)),
    text: releaseText,
  });

async function releaseAll(call: Call, addons: Addons): Promise<Answer> {
  const tally = startTally(call, 'app');
  for await (const result of addons.releaseAll(call.options)) {
    if ('error' in result) tally.failed(result.app, { app: result.app }, result.error);
    else await tally.done(warned(call, result), releaseText(result));
  }
  if (call.io.signal.aborted)
    tally.failed('the rest', {}, new AddonsError('aborted', 'Interrupted: not every app was released.'));
  const answer = await tally.answer();
  if (Array.isArray(answer.result) && answer.result.length === 0) call.report.note('There are no apps.');
  return answer;
}

/** Only names: a value is a secret. */
function releaseText({ app, outcome, configVars, changed }: ReleaseResult): string {
  if (outcome === 'planned') {
    return configVars.length > 0
      ? `Would release ${app}: ${configVars.join(', ')}.\n`
      : `Would leave ${app} as it is.\n`;
  }
  if (outcome === 'unchanged') return configVars.length > 0 ? `${app} is up to date.\n` : `${app} has no add-ons.\n`;
  return `Released ${app}${changed.length > 0 ? `: ${changed.join(', ')} changed` : ''}.\n`;
}

function warned({ json, report }: Call, result: ReleaseResult): ReleaseResult {
  if (!json) for (const warning of result.warnings) report.warn(warning);
  return result;
}
