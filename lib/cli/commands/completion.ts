import { basename } from 'node:path';
import { AddonsError } from '../../errors.ts';
import { suggestion } from '../../names.ts';
import type { Call, Command } from '../call.ts';
import { VERBS } from '../commands.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** `addons completion [bash|zsh|fish]` */
export const completion: Command = async (call) => {
  const shell = shellOf(call);
  const script = await scriptOf(shell);
  await call.print(script);
  return { result: { shell, script } };
};

function shellOf({ one, io }: Call): Shell {
  const named = one('shell');
  const name = named ?? basename(io.env.SHELL ?? '');
  const shell = SHELLS.find((known) => known === name);
  if (shell) return shell;
  const what =
    named === undefined
      ? 'addons completion needs a <shell>: SHELL names none that it knows.'
      : `There is no completion for ${JSON.stringify(name.slice(0, 80))}.${suggestion(name, SHELLS)}`;
  throw new AddonsError('usage', what, { hint: `Say one of: ${SHELLS.join(', ')}` });
}

async function scriptOf(shell: Shell): Promise<string> {
  const commands = ['addons', ...VERBS.map((verb) => `addons:${verb}`)];
  if (shell === 'bash') return (await import('../completion/bash.ts')).bashScript(commands);
  if (shell === 'zsh') return (await import('../completion/zsh.ts')).zshScript(commands);
  return (await import('../completion/fish.ts')).fishScript(commands);
}
