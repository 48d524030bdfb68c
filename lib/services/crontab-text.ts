import { AddonsError } from '../errors.ts';

// A crontab is bytes of any encoding: as latin1 text every byte is one character, and comes back as it was.

/** Whose block it is: several platforms of one user share a crontab. */
export interface BlockOwner {
  addon: string;
  /** The platform's lib root. */
  platform: string;
}

/** What stands between the markers of one add-on, the markers with it. */
export interface Block extends BlockOwner {
  /** Lines, each with its line break. */
  text: string;
}

/** A block with these lines, each without its line break. */
export function block({ addon, platform }: BlockOwner, lines: readonly string[]): Block {
  const all = [`# BEGIN ADD-ON ${addon} of ${platform}`, ...lines, `# END ADD-ON ${addon} of ${platform}`];
  return { addon, platform, text: Buffer.from(all.map((line) => `${line}\n`).join('')).toString('latin1') };
}

/**
 * All blocks of a crontab, also of other platforms.
 *
 * @param path for messages
 * @throws {AddonsError} `malformed`, with the line, where a marker has no counterpart
 */
export const blocksIn = (crontab: string, path: string): Block[] =>
  parts(crontab, path).flatMap((part) => (typeof part === 'string' ? [] : [part]));

/**
 * The crontab with an add-on's block in place of what it had, at the end where it had none; without it where `wanted` is
 * undefined. Every other line stays as it is.
 *
 * @throws as `blocksIn`
 */
export function withBlock(crontab: string, path: string, owner: BlockOwner, wanted: Block | undefined): string {
  let rest = wanted?.text ?? '';
  const text = parts(crontab, path)
    .map((part) => {
      if (typeof part === 'string') return part;
      if (!isOf(part, owner)) return part.text;
      const taken = rest;
      rest = ''; // of two blocks of one add-on the second goes
      return taken;
    })
    .join('');
  return rest !== '' && text !== '' && !text.endsWith('\n') ? `${text}\n${rest}` : text + rest;
}

export const isOf = (one: BlockOwner, other: BlockOwner): boolean =>
  one.addon === other.addon && one.platform === other.platform;

const MARKER = /^# (BEGIN|END) ADD-ON (\S+)(?: of (.*))?\n?$/;

/** Foreign lines and blocks, in their order: put together they are the crontab. */
function parts(crontab: string, path: string): (string | Block)[] {
  const found: (string | Block)[] = [];
  let open: (Block & { line: number }) | undefined;
  for (const [at, line] of (crontab.match(/[^\n]*\n|[^\n]+$/g) ?? []).entries()) {
    const [, kind, addon = '', platform = ''] = MARKER.exec(line) ?? [];
    const owner = { addon, platform: Buffer.from(platform, 'latin1').toString() };
    if (kind === 'BEGIN') {
      if (open) throw unclosed(path, open);
      open = { ...owner, text: line, line: at + 1 };
    } else if (open) {
      open.text += line;
      if (kind !== 'END') continue;
      if (!isOf(open, owner)) throw unclosed(path, open);
      const { line: _, ...whole } = open;
      found.push(whole);
      open = undefined;
    } else if (kind === 'END') throw unopened(path, at + 1, addon);
    else found.push(line);
  }
  if (open) throw unclosed(path, open);
  return found;
}

const HINT =
  'Put the marker back, or delete its counterpart and what is left of the block: crontab -e. Nothing was changed.';

const unclosed = (path: string, { line, addon }: { line: number; addon: string }) =>
  new AddonsError('malformed', `${path}, line ${line}, begins the jobs of ${addon}, and nothing ends them.`, {
    hint: HINT,
    details: { addon },
  });

const unopened = (path: string, line: number, addon: string) =>
  new AddonsError('malformed', `${path}, line ${line}, ends the jobs of ${addon}, and nothing begins them.`, {
    hint: HINT,
    details: { addon },
  });
