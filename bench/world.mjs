// A platform in a temporary home, made directly on disk: apps with lines, add-ons with trivial `sh` scripts.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPTS = {
  enable: '',
  disable: '',
  provision: 'echo "$1-$ADDONS_OP_ID;secret"',
  unprovision: '',
  url: 'echo "bench://user:$2@localhost/$1"',
};

export function makeHome() {
  const home = mkdtempSync(join(tmpdir(), 'addons-bench-'));
  for (const path of ['apps', 'lib/add-ons', 'etc']) mkdirSync(join(home, path), { recursive: true });
  return { home, remove: () => rmSync(home, { recursive: true, force: true }) };
}

export function makeAddon(home, name) {
  const root = join(home, 'lib/add-ons', name);
  const data = join(home, 'apps/.add-ons', name);
  mkdirSync(root, { recursive: true });
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'enabled'), '');
  for (const [script, body] of Object.entries(SCRIPTS)) {
    writeFileSync(join(root, script), `#!/bin/sh\n${body}\n`);
    chmodSync(join(root, script), 0o755);
  }
}

/** Replaces its `url` by one in Node, which is its `serve` as well. */
export function inNode(home, name, withServe) {
  const root = join(home, 'lib/add-ons', name);
  writeFileSync(
    join(root, 'add-on.mjs'),
    `const { serve } = await import(process.env.ADDONS_SERVE);
await serve({ url: ({ id, private: secret }) => \`bench://user:\${secret}@localhost/\${id}\` });\n`,
  );
  const program = `#!${process.execPath}\nimport('./add-on.mjs');\n`;
  writeFileSync(join(root, 'url'), program);
  rmSync(join(root, 'serve'), { force: true });
  if (withServe) writeFileSync(join(root, 'serve'), program, { mode: 0o755 });
}

/** `names`: extra variable names of its first add-on. */
export function makeApp(home, name, addons, names = []) {
  const dir = join(home, 'apps', name);
  mkdirSync(dir);
  const lines = addons.map((addon) => `${addon};${name}-${addon};secret\n`);
  writeFileSync(join(dir, 'ADDONS'), lines.join(''), { mode: 0o600 });
  const extra = names.map((variable) => `${addons[0]};${variable}\n`);
  if (extra.length > 0) writeFileSync(join(dir, 'ADDONS.env'), extra.join(''), { mode: 0o600 });
}

export const addonNames = (count) => Array.from({ length: count }, (_, i) => `addon${i + 1}`);
export const appNames = (count) => Array.from({ length: count }, (_, i) => `app${String(i + 1).padStart(5, '0')}`);

/** Arguments `id private` for xargs, which runs the same script bare. */
export const bareCalls = (apps, addons) =>
  apps.flatMap((app) => addons.map((addon) => `${app}-${addon} secret`)).join('\n');
