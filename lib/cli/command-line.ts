/** A command as it can be pasted into a shell; what is added stands first, where a `--` cannot take it for an operand. */
export const commandLine = (verb: string, added: readonly string[], typed: readonly string[]): string =>
  ['addons', verb, ...added, ...typed].map(quoted).join(' ');

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
