import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A whole add-on that keeps the contract: a directory and a password for each app. */
export const BOX = {
  'addon.toml': '[addon]\nidempotent = true\n\n[config]\nsize = 3\nlabel = "plain"\nsealed = false\n',
  enable: script('mkdir -p boxes secrets'),
  disable: script(`
[ -d boxes ] || exit 0
if [ -n "$(ls boxes)" ]; then echo "boxes are in use" >&2; exit 1; fi
rm -rf boxes secrets`),
  provision: script(`
id=$1-$ADDONS_OP_ID
if ! [ -e "secrets/$id" ]; then
  read -r password </proc/sys/kernel/random/uuid
  echo "$password" >"secrets/.$id"
  mv "secrets/.$id" "secrets/$id"
fi
read -r password <"secrets/$id"
echo "$id;$password"
mkdir -p "boxes/$id"
[ -e "boxes/$id/data" ] || echo nothing >"boxes/$id/data"`),
  unprovision: script(`
case $1 in '' | .* | *[!a-zA-Z0-9._-]*) echo "not an id" >&2; exit 1 ;; esac
rm -rf "boxes/$1" "secrets/$1" "secrets/.$1"`),
  url: script(`
[ -d "boxes/$1" ]
echo "box://me:$2@box.example/$1"`),
  list: script('ls boxes'),
  health: script('[ -d boxes ]'),
  dump: script(`
cat "boxes/$1/data"
echo END`),
  restore: script(`
cat >"boxes/$1/new"
[ "$(tail -n 1 "boxes/$1/new")" = END ] || { rm "boxes/$1/new"; echo "the dump is cut" >&2; exit 1; }
sed '$d' "boxes/$1/new" >"boxes/$1/data"
rm "boxes/$1/new"`),
  rotate: script(`
read -r password </proc/sys/kernel/random/uuid
echo "$password" >"secrets/.$1"
mv "secrets/.$1" "secrets/$1"
cat "secrets/$1"`),
} as const;

type File = keyof typeof BOX;

/** A script of the box: its commands run in $ADDON_DATA. */
export function script(commands: string): string {
  return `#!/bin/sh\nset -eu\numask 077\ncd "$ADDON_DATA"\n${commands.trim()}\n`;
}

/** The box with these files replaced, missing, or links to what a function says, in a directory of its own. */
export function box(files: Partial<Record<File, string | (() => string) | undefined>> = {}): string {
  const parent = temporary();
  const directory = join(parent, 'box');
  mkdirSync(directory);
  for (const [name, text] of Object.entries({ ...BOX, ...files })) {
    if (text === undefined) continue;
    if (typeof text === 'function') {
      symlinkSync(text(), join(directory, name));
      continue;
    }
    writeFileSync(join(directory, name), text);
    chmodSync(join(directory, name), name.endsWith('.toml') ? 0o644 : 0o755);
  }
  return directory;
}

/** A directory that is gone after the test. */
export function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kit-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
