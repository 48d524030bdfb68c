import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Call } from '../../lib/cli/call.ts';
import { askSecret } from '../../lib/cli/secret.ts';

interface Given {
  input?: (string | Buffer)[];
  terminal?: boolean;
  stderr?: boolean;
  noInput?: boolean;
  signal?: AbortSignal;
  /** Whether stdin ends. */
  ends?: boolean;
}

/** Asks, and tells what was seen on the way. */
async function ask({ input = [], terminal = false, stderr = terminal, noInput, signal, ends = true }: Given) {
  const stdin = new PassThrough();
  for (const chunk of input) stdin.write(chunk);
  if (ends) stdin.end();
  const echoes: boolean[] = [];
  const out = new PassThrough();
  const call = {
    io: {
      stdin,
      stderr: out,
      terminal: { stdin: terminal, stdout: terminal, stderr },
      signal: signal ?? new AbortController().signal,
      echo: (on: boolean) => void echoes.push(on),
    },
    flags: noInput ? { input: false } : {},
    report: { clear: () => {} },
  } as unknown as Call; // all that asking uses
  const answer = await askSecret(call, 'Private of db-1').catch((error) => error);
  return { answer, echoes, stderr: String(out.read() ?? '') };
}

const usage = (message: string) => expect.objectContaining({ code: 'usage', message, hint: expect.any(String) });

describe('from a pipe', () => {
  test.each([
    ['pw\n', 'pw'],
    ['pw', 'pw'],
    ['pw\r\n', 'pw'],
    ['\n', ''],
    ['', ''],
    [' p w \n', ' p w '],
    ['pä55;\n', 'pä55;'],
  ])('%j is %j', async (text, secret) => {
    expect(await ask({ input: [text] })).toEqual({ answer: secret, echoes: [], stderr: '' });
  });

  test.each(['a\nb\n', 'a\n\n', '\na', 'a\rb', 'a\r\nb\r\n', 'x'.repeat(65 * 1024)])(
    '%.9j is refused',
    async (text) => {
      const { answer } = await ask({ input: [text] });
      expect(answer).toEqual(usage('Standard input holds more than one line.'));
    },
  );

  test('what is not UTF-8 is refused, rather than stored as another secret', async () => {
    const { answer } = await ask({ input: [Buffer.from([0x70, 0xff, 0x0a])] });
    expect(answer).toEqual(usage('Standard input holds what is not valid UTF-8.'));
  });

  test('a character that arrives in two pieces stays one', async () => {
    const bytes = Buffer.from('pä\n');
    expect((await ask({ input: [bytes.subarray(0, 2), bytes.subarray(2)] })).answer).toBe('pä');
  });

  test('an endless one is not read to its end', async () => {
    expect((await ask({ input: ['x'.repeat(70 * 1024)], ends: false })).answer).toMatchObject({ code: 'usage' });
  });

  test('that nobody closes, a signal ends the wait', async () => {
    const controller = new AbortController();
    const asking = ask({ input: ['half'], ends: false, signal: controller.signal });
    controller.abort();
    expect((await asking).answer).toMatchObject({ code: 'aborted' });
  });

  test('any line arrives as it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.constantFrom('', '\n', '\r\n'), async (text, end) => {
        fc.pre(!/[\r\n]/.test(text));
        expect((await ask({ input: [text + end] })).answer).toBe(text);
      }),
      { numRuns: 50 },
    );
  });

  test('no error repeats it', async () => {
    const { answer } = await ask({ input: ['s3cret\ns3cret\n'] });
    expect(JSON.stringify([answer.message, answer.hint, answer.details])).not.toContain('s3cret');
  });
});

describe('at a terminal', () => {
  test('is asked for, and not shown', async () => {
    expect(await ask({ terminal: true, input: ['pw\n'] })).toEqual({
      answer: 'pw',
      echoes: [false, true],
      stderr: ' ?     Private of db-1: \n',
    });
  });

  test('just Enter is a resource without one; so is Ctrl-D', async () => {
    expect((await ask({ terminal: true, input: ['\n'] })).answer).toBe('');
    expect((await ask({ terminal: true })).answer).toBe('');
  });

  test('Ctrl-C ends it, and what is typed is shown again', async () => {
    const controller = new AbortController();
    const asking = ask({ terminal: true, input: ['ha'], ends: false, signal: controller.signal });
    controller.abort();
    const { answer, echoes } = await asking;
    expect(answer).toMatchObject({ code: 'aborted' });
    expect(echoes).toEqual([false, true]);
  });

  test.each([{ noInput: true }, { stderr: false }])('nobody is asked with %o', async (given) => {
    const { answer, echoes } = await ask({ terminal: true, input: ['pw\n'], ...given });
    expect(answer).toMatchObject({ code: 'confirmation-needed', hint: 'Give it on standard input.' });
    expect(echoes).toEqual([]);
  });
});
