import { resolve } from 'node:path';
import type { Command } from '../call.ts';
import { packageFile, packText } from '../package-text.ts';

/** `addons pack [dir] [-o <file>]` */
export const pack: Command = async (call) => {
  const directory = resolve(call.io.cwd, call.one('dir') ?? '.');
  const result = await (await call.addons()).pack(directory, { ...call.options, output: packageFile(call) });
  await call.say(packText(result));
  return { result };
};
