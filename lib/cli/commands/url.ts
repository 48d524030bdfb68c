import type { Command } from '../call.ts';

/** `addons url <app> <addon>`: the URL and nothing else. */
export const url: Command = async (call) => {
  const [app, addon] = [call.given('app'), call.given('addon')];
  const found = await (await call.addons()).url(app, addon, call.options);
  await call.print(`${found}\n`);
  return { result: { app, addon, url: found } };
};
