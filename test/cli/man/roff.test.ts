import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { markdownToRoff, tableOf, text, verbatim } from '../../../lib/cli/man/roff.ts';
import { needs } from '../../require.ts';

describe('Markdown as roff', () => {
  test.each([
    ['one\ntwo', '.PP\none two\n'],
    ['one\n\ntwo', '.PP\none\n.PP\ntwo\n'],
    ['say `addons add <app>` — **all** of it', '.PP\nsay \\fBaddons add \\fR\\fIapp\\fR \\(em \\fBall\\fR of it\n'],
    ['see [`link`](#link) and [that](https://a.b/c-d)', '.PP\nsee \\fBlink\\fR and that (https://a.b/c\\-d)\n'],
    ['.dot', '.PP\n\\&.dot\n'],
    ["'quote' \\ ~ ^ -", '.PP\n\\(aqquote\\(aq \\e \\(ti \\(ha \\-\n'],
    ['naïve 🙂', '.PP\nna\\[u00EF]ve \\[u1F642]\n'],
    ['- one\n  more\n- two', '.IP \\(bu 2\none more\n.IP \\(bu 2\ntwo\n'],
    ['1. one\n2. two', '.IP 1. 4\none\n.IP 2. 4\ntwo\n'],
    ['```sh\n.a \\\n\nb\n```', '.PP\n.RS 4\n.EX\n\\&.a \\e\n\nb\n.EE\n.RE\n'],
    ['| a | b |\n| - | - |\n| `x \\| y` | z |', '.TP\n\\fBx | y\\fR\nz\n'],
  ])('%j', (markdown, roff) => {
    expect(markdownToRoff(markdown)).toBe(roff);
  });

  test('a table that stands elsewhere is left out', () => {
    const table = '| option | |\n| - | - |\n| `-a` | all |';
    expect(markdownToRoff(`one\n\n${table}\n\ntwo`, ({ headings }) => headings[0] === 'option')).toBe(
      '.PP\none\n.PP\ntwo\n',
    );
    expect(tableOf(`one\n\n${table}`)).toEqual({ headings: ['option', ''], rows: [['`-a`', 'all']] });
  });

  test('no line is longer than 80 bytes where words allow it', () => {
    for (const line of text('word-word '.repeat(99)).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test.skipIf(!needs('groff'))('whatever is written is shown as it is, and is never a request', () => {
    // No control characters, and nothing that is Markdown: that is what the other tests are about.
    const plain = fc
      .string({ unit: fc.constantFrom(...'\\\'".-~^aZ09 ,;:!?%$&()=+/@#{}é'), minLength: 1, maxLength: 40 })
      .filter((line) => line.trim() !== '');
    const lines = fc.sample(plain, 300);
    const page = `.TH T 1 2026-01-01 "x" "y"\n.nh\n.ad l\n.SH NAME\nt \\- u\n.SH LINES\n${verbatim(lines)}`;
    const { stdout, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-P-cbou', '-rLL=200n', '-ww'], {
      input: page,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const shown = stdout.split('\n').map((line) => line.trim());
    for (const line of lines) expect(shown).toContain(line.trim());
  });
});
