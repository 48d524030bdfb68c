import type { Command } from '../call.ts';
import { packageFile, packText } from '../package-text.ts';

/** `addons repack <addon> [-o <file>]` */
export const repack: Command = async (call) => {
  const addons = await call.addons();
  const result = await addons.repack(call.given('addon'), { ...call.options, output: packageFile(call) });
  await call.say(packText(result));
  return { result };
};
