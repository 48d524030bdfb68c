import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactor } from '../../lib/scripts/redact.ts';

describe('redacting', () => {
  it.each([
    [['s3cret'], 'login s3cret, again: s3cret', 'login [redacted], again: [redacted]'],
    [['pass', 'password'], 'password pass', '[redacted] [redacted]'],
    [['password', 'pass'], 'password pass', '[redacted] [redacted]'],
    [['abcd', 'cdef'], 'xabcdefx', 'x[redacted]x'],
    [['abab'], 'ababab', '[redacted]'],
    [["p@ss w/%'(é"], `got p%40ss%20w%2F%25'(%C3%A9`, 'got [redacted]'],
    [["p@ss w/%'(é"], 'got p%40ss+w%2f%25%27%28%c3%a9!', 'got [redacted]!'],
    [['$&.*'], 'a $&.* b', 'a [redacted] b'],
    [['ab', 'a', ''], 'a cab', 'a cab'],
    [[], 'postgres://u:pw@h/db', 'postgres://u:[redacted]@h/db'],
    [['p@s/w'], 'postgres://u:p@s/w@h/db', 'postgres://u:[redacted]@h/db'],
    [['\ud800xx'], 'fine', 'fine'],
    [[], '', ''],
  ])('%j in %j', (secrets, text, shown) => expect(redactor(secrets)(text)).toBe(shown));

  it('works again and again with one redactor', () => {
    const redact = redactor(new Set(['s3cret']));
    expect([redact('s3cret x://u:p@h'), redact('s3cret x://u:p@h')]).toEqual(
      Array(2).fill('[redacted] x://u:[redacted]@h'),
    );
  });

  it('leaves no secret, however they overlap, and nothing else changed', () => {
    // Letters that "[redacted]" does not have: it is not a leak that a secret such as "red" occurs in it.
    const letters = fc.string({ unit: fc.constantFrom('x', 'y', '%', '/', ' ', 'ü') });
    fc.assert(
      fc.property(fc.array(letters), letters, fc.array(letters), (secrets, between, order) => {
        const known = secrets.filter((secret) => secret.length >= 3);
        const shown = redactor(secrets)([...secrets, ...order].join(between));
        for (const secret of known) {
          expect(shown).not.toContain(secret);
          expect(shown).not.toContain(encodeURIComponent(secret));
        }
        if (known.length === 0) expect(shown).toBe([...secrets, ...order].join(between));
      }),
    );
  });
});
