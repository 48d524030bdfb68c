import { resolve } from 'node:path';
import type { BuildResult } from '../../operations/results.ts';
import type { Command } from '../call.ts';
import { planText } from '../plan-text.ts';
import { visible } from '../visible-text.ts';
import { listed } from '../wording.ts';

/** `addons build [dir]` */
export const build: Command = async (call) => {
  const directory = resolve(call.io.cwd, call.one('dir') ?? '.');
  const result = await (await call.addons()).build(directory, call.options);
  await call.say(buildText(result));
  return { result };
};

function buildText({ directory, outcome, built, steps }: BuildResult): string {
  if (outcome === 'planned') return planText(`Would build ${visible(directory)}`, steps);
  if (outcome === 'unchanged') return `There is nothing to build in ${visible(directory)}.\n`;
  return `Built ${visible(directory)}: ${listed(built)}.\n`;
}
