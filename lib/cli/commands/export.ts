import { manifestDocument } from '../../app/manifest.ts';
import type { Command } from '../call.ts';

/** `addons export [app...]`: the manifest of what is, for `plan` and `apply`. */
export const exportManifest: Command = async (call) => {
  const addons = await call.addons();
  const document = manifestDocument(await addons.export(call.many('app')));
  await call.print(`${JSON.stringify(document, undefined, 2)}\n`);
  return { result: document };
};
