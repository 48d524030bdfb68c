import type { Command } from '../call.ts';
import { inEnvironment } from '../own-environment.ts';

/** `addons run <addon> -- <command>...` */
export const run: Command = async (call) => {
  const [program = '', ...words] = call.many('command');
  return inEnvironment(call, call.given('addon'), () => ({ program, words }));
};
