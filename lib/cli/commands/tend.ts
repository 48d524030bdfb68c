import type { Command } from '../call.ts';

/** `addons tend <addon>`: what the scripts of an add-on call, whose daemons run once for each of its directories. */
export const tend: Command = async (call) => {
  const addon = call.given('addon');
  await (await call.addons()).tendDaemons(addon, call.options);
  return { result: { addon } };
};
