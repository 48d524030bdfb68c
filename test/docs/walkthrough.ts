import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Installed } from './installed.ts';
import type { Block } from './pages.ts';

/** A command that a page shows, what it says that it prints, and what it does print. */
export interface Step {
  command: string;
  shown: string;
  seen: string;
}

/**
 * Types the blocks of a page, one after the other, into one shell: those of `sh` as they are, of `console` the commands.
 *
 * @param home stands for `/tmp/tour`, and is `ADDONS_HOME`
 */
export async function walkThrough(place: Installed, blocks: readonly Block[], home: string): Promise<Step[]> {
  const steps: Omit<Step, 'seen'>[] = [];
  const lines = blocks.flatMap(({ language, lines }) => {
    if (language !== 'console') return ['{', ...lines, '} >/dev/null'];
    return lines
      .join('\n')
      .split(/^\$ /m)
      .filter((step) => step !== '')
      .flatMap((step) => {
        const [command = '', ...output] = step.split('\n');
        steps.push({ command, shown: output.join('\n') });
        return [`echo '${MARK}'`, command.replaceAll('/tmp/tour', home)];
      });
  });
  const script = join(place.dir, 'walk-through');
  writeFileSync(script, `${lines.join('\n')}\n`);
  const { output } = await place.type(`. ${script}`, { ADDONS_HOME: home, HOME: home });
  const seen = output.replaceAll(home, '/tmp/tour').split(`${MARK}\n`).slice(1);
  return steps.map((step, at) => ({ ...step, seen: seen[at] ?? '' }));
}

const MARK = '----- next -----';

/** Ids, times and the width of columns are others each time. */
export const normal = (text: string): string =>
  text
    .replace(/\bm[0-9a-z]{19}\b/g, 'ID')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'TIME')
    .replace(/\d+\.\d s\b/g, 'N s')
    .replace(/ +/g, ' ')
    .trim();
