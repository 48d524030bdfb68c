import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const PLUGIN_TOML = '[plugin]\ndescription = "A plugin"\nversion = "0.1.0"\n[plugin.config]\n';

/** Writes a plugin directory: scripts by their shell commands, or whole where they begin with `#!`; `plugin.toml` by its text. */
export function writePlugin(root: string, files: Record<string, string>): string {
  mkdirSync(root, { recursive: true });
  for (const [name, text] of Object.entries({ 'plugin.toml': PLUGIN_TOML, ...files })) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, name.endsWith('.toml') || text.startsWith('#!') ? text : `#!/bin/sh\n${text}\n`);
    chmodSync(path, name.endsWith('.toml') ? 0o644 : 0o755);
  }
  return root;
}
