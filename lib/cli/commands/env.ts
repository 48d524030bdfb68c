import { AddonsError } from '../../errors.ts';
import { suggestion } from '../../names.ts';
import type { Command } from '../call.ts';

const FORMATS = ['dotenv', 'docker', 'json', 'shell'] as const;
type Format = (typeof FORMATS)[number];

/** `addons env <app> [--format dotenv|docker|json|shell]` */
export const env: Command = async (call) => {
  const format = formatOf(call.flags.format ?? 'dotenv');
  const app = call.given('app');
  const variables = await (await call.addons()).env(app);
  if (!call.json) {
    const { formatEnv } = await import('../../app/env-formats.ts');
    await call.print(ended(formatEnv(variables, format)));
  }
  return { result: { app, variables: Object.fromEntries(variables) } };
};

function formatOf(name: string): Format {
  const format = FORMATS.find((known) => known === name);
  if (format) return format;
  throw new AddonsError('usage', `There is no format ${JSON.stringify(name)}.${suggestion(name, FORMATS)}`, {
    hint: `Formats are ${FORMATS.join(', ')}.`,
  });
}

const ended = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
