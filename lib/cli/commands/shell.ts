import { basename } from 'node:path';
import { AddonsError } from '../../errors.ts';
import { isInside } from '../../state/tree.ts';
import type { Call, Command } from '../call.ts';
import { inEnvironment } from '../own-environment.ts';

/** `addons shell [addon]` */
export const shell: Command = async (call) => {
  const addon = call.one('addon') ?? (await developedHere(call));
  return inEnvironment(call, addon, () => {
    const program = call.io.env.SHELL || '/bin/sh';
    // What somebody's own start-up file sets would come before the add-on's programs.
    return { program, words: BARE[basename(program)] ?? [], variables: { PS1: `(${addon}) $ ` } };
  });
};

const BARE: Readonly<Record<string, string[]>> = { bash: ['--norc', '--noprofile'], zsh: ['-f'] };

/** The add-on whose directory one stands in. */
async function developedHere(call: Call): Promise<string> {
  const addons = await (await call.addons()).addons(call.options);
  const found = addons.find(({ developed }) => developed !== undefined && isInside(developed, call.io.cwd));
  if (found) return found.name;
  throw new AddonsError('usage', 'addons shell needs an <addon>: none is developed in this directory.', {
    hint: 'Name one, or use the add-on from here first: addons develop',
  });
}
