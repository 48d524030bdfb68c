import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);

/** The built command, as package.json names it. */
export const CLI: string = fileURLToPath(
  new URL(JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')).bin.addons, ROOT),
);
