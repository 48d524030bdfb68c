// The part of Markdown that docs/cli.md is written in, as roff for man(7). ASCII only: not every reader knows more.

/** A table of Markdown: the cells of each row below its headings. */
export interface Table {
  headings: string[];
  rows: string[][];
}

/** Paragraphs, lists, tables and fenced blocks. `skip`: tables that stand elsewhere. */
export function markdownToRoff(markdown: string, skip: (table: Table) => boolean = () => false): string {
  return blocksOf(markdown)
    .map((block) => blockToRoff(block, skip))
    .join('');
}

/** Inline Markdown, or plain text, in lines of at most 80 bytes where words allow it. */
export const text = (markdown: string): string => wrapped(inline(markdown));

/** `.TP`: a term, and what it is. */
export const entry = (term: string, what: string): string => `.TP\n${inline(term)}\n${text(what)}`;

/** Lines as they are, such as commands. */
export const verbatim = (lines: readonly string[]): string =>
  `.PP\n.RS 4\n.EX\n${lines.map((line) => `${guarded(escaped(line))}\n`).join('')}.EE\n.RE\n`;

export const bold = (plain: string): string => `\\fB${escaped(plain)}\\fR`;
const italic = (plain: string): string => `\\fI${escaped(plain)}\\fR`;

/** What stands in a usage: words bold, `<placeholders>` in italics. */
export const usage = (plain: string): string =>
  plain
    .split(/(<[\w. ]+>)/)
    .filter((part) => part !== '')
    .map((part) => (part.startsWith('<') ? italic(part.slice(1, -1)) : bold(part)))
    .join('');

/** The first table of a part of Markdown. */
export const tableOf = (markdown: string): Table | undefined => blocksOf(markdown).map(tableIn).find(Boolean);

const blocksOf = (markdown: string): string[] => markdown.match(/```[\s\S]*?```|(?:(?!```).+\n?)+/g) ?? [];

function blockToRoff(block: string, skip: (table: Table) => boolean): string {
  if (block.startsWith('```')) return verbatim(block.split('\n').slice(1, -1));
  const table = tableIn(block);
  if (table) return skip(table) ? '' : table.rows.map(([term = '', ...cells]) => entry(term, sentence(cells))).join('');
  const heading = /^#+ (.*)/.exec(block)?.[1];
  if (heading !== undefined) return `.SS ${quoted(heading)}\n`;
  if (block.search(LIST_ITEM) === 0) return listToRoff(block);
  return `.PP\n${text(block)}`;
}

const LIST_ITEM = /^(?:[-*]|(\d+)\.) /m;

function listToRoff(block: string): string {
  const [, ...parts] = block.split(LIST_ITEM); // a number, or undefined for a bullet, then the text
  const items: string[] = [];
  for (let i = 0; i < parts.length; i += 2) {
    items.push(`.IP ${parts[i] === undefined ? '\\(bu 2' : `${parts[i]}. 4`}\n${text(parts[i + 1] ?? '')}`);
  }
  return items.join('');
}

function tableIn(block: string): Table | undefined {
  const lines = block.trim().split('\n');
  if (!lines.every((line) => line.startsWith('|'))) return undefined;
  const [headings = [], , ...rows] = lines.map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  );
  return { headings, rows };
}

const sentence = (cells: readonly string[]): string => cells.filter((cell) => cell !== '').join('; ');

const quoted = (heading: string): string => `"${escaped(heading).replaceAll('"', '\\(dq')}"`;

function inline(markdown: string): string {
  return markdown
    .trim()
    .replace(/\s+/g, ' ')
    .split(/(`[^`]+`|\*\*[^*]+\*\*|\[(?:`[^`]*`|[^\]`])*\]\([^)]*\))/)
    .map((part) => {
      if (part.startsWith('`')) return usage(part.slice(1, -1));
      if (part.startsWith('**')) return bold(part.slice(2, -2));
      const link = /^\[(.*)\]\((.*)\)$/.exec(part);
      return link ? linked(link[1] ?? '', link[2] ?? '') : escaped(part);
    })
    .join('');
}

const linked = (label: string, target: string): string =>
  /^https?:/.test(target) ? `${inline(label)} (${escaped(target)})` : inline(label);

const NAMED: Record<string, string> = {
  '—': '\\(em',
  '…': '...',
  '→': '\\(->',
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
};

/** A plain `-` is a hyphen in roff, a plain `'` a typographic quote: nobody could paste them into a shell. */
const escaped = (plain: string): string =>
  plain.replace(
    /[\\'`^~-]|[^\x20-\x7e\n]/gu,
    (character) =>
      NAMED[character] ?? `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
  );

/** A line that begins with `.` would be a request. */
const guarded = (line: string): string => (line.startsWith('.') ? `\\&${line}` : line);

function wrapped(roff: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of roff.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > 78) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => `${guarded(one)}\n`).join('');
}
