/** What a companion says beside its answers: its log. */
export interface Words {
  /** Of its stderr, as it comes. */
  add(bytes: Buffer): void;
  /** A line of its stdout that is no answer. */
  addLine(line: string): void;
  /** Lines of its stdout that were no answer, and all their characters. */
  readonly beside: { lines: number; characters: number };
  /** The end of all of it, from the beginning of a line on. */
  text(): string;
}

/** Characters that are kept. */
const KEPT = 16 * 1024;

export function openWords(): Words {
  const beside = { lines: 0, characters: 0 };
  const decoder = new TextDecoder();
  let text = '';
  const add = (more: string) => {
    text += more;
    // Not at every word: cutting costs as much as what is kept.
    if (text.length > 2 * KEPT) text = endOf(text);
  };
  return {
    beside,
    add: (bytes) => add(decoder.decode(bytes, { stream: true })),
    addLine(line) {
      beside.lines += 1;
      beside.characters += line.length + 1;
      add(`${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`);
    },
    text: () => (text.length > KEPT ? endOf(text) : text),
  };
}

/** Half a line could hold half a secret. */
function endOf(text: string): string {
  const end = text.slice(-KEPT);
  return end.slice(end.indexOf('\n') + 1);
}
