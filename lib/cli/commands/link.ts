import { join, resolve } from 'node:path';
import type { Command } from '../call.ts';
import { type LinkResult, linkColonCommands, projectOf } from '../colon-links.ts';
import { plural } from '../wording.ts';

/** `addons link [dir]` */
export const link: Command = async (call) => {
  const { io, flags } = call;
  const dir = call.one('dir');
  const project = dir === undefined ? projectOf(io.cwd) : resolve(io.cwd, dir);
  const target = join(io.program.root, 'dist', 'cli.cjs');
  const result = linkColonCommands({ project, target, dryRun: flags.dryRun ?? false });
  for (const name of result.skipped)
    call.report.warn(`${join(result.directory, name)} is somebody else's: left as it is.`);
  await call.say(linkText(result));
  return { result };
};

function linkText({ outcome, directory, created, kept }: LinkResult): string {
  if (outcome === 'unchanged') return `All ${plural(kept.length, 'command')} are there: try npx addons:list\n`;
  const verb = outcome === 'planned' ? 'Would link' : 'Linked';
  return `${verb} ${plural(created.length, 'command')} in ${directory}: try npx addons:list\n`;
}
