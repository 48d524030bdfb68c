import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { SCRIPT_PATH } from '../../lib/scripts/environment.ts';

/** A `crontab` that keeps its file in a directory of its own: nobody's real one is touched. */
export interface CrontabProgram {
  /** `PATH` that finds it first. */
  scriptPath: string;
  /** The crontab; undefined: there is none. */
  read(): string | undefined;
  write(text: string): void;
  /** Makes it fail to list, or to write, with this message. */
  fail(what: 'list' | 'write', message?: string): void;
  /** Makes it kill its caller, once: when it has listed, before it writes, or after that. */
  killCaller(when: 'listed' | 'writing' | 'written'): void;
  /** What it was called with, a line each; forgets them. */
  calls(): string[];
}

const PROGRAM = `#!/bin/sh
cd "$(dirname "$0")"
echo "$*" >>calls
[ "$1" != -u ] || shift 2
kill_caller() { if [ -e "kill-$1" ]; then rm "kill-$1"; kill -9 "$PPID"; fi; }
if [ "$1" = -l ]; then
  if [ -e fail-list ]; then cat fail-list >&2; exit 1; fi
  if [ -e tab ]; then cat tab; kill_caller listed; exit 0; fi
  echo "no crontab for root" >&2
  exit 1
fi
if [ -e fail-write ]; then cat fail-write >&2; exit 1; fi
kill_caller writing
cp "$1" "tab.$$" && mv "tab.$$" tab
kill_caller written
`;

export function crontabProgram(): CrontabProgram {
  const directory = mkdtempSync(join(tmpdir(), 'crontab-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const at = (name: string) => join(directory, name);
  writeFileSync(at('crontab'), PROGRAM);
  chmodSync(at('crontab'), 0o755);
  const read = (name: string) => (existsSync(at(name)) ? readFileSync(at(name), 'latin1') : undefined);
  return {
    scriptPath: `${directory}:${SCRIPT_PATH}`,
    read: () => read('tab'),
    write: (text) => writeFileSync(at('tab'), text, 'latin1'),
    fail(what, message) {
      if (message === undefined) rmSync(at(`fail-${what}`), { force: true });
      else writeFileSync(at(`fail-${what}`), `${message}\n`);
    },
    killCaller: (when) => writeFileSync(at(`kill-${when}`), ''),
    calls() {
      const text = read('calls') ?? '';
      rmSync(at('calls'), { force: true });
      return text.split('\n').filter(Boolean);
    },
  };
}
