import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A page of the documentation. */
export interface Page {
  /** Below the root. */
  path: string;
  text: string;
}

/** Every page in this tree. */
export const pages = (): Page[] =>
  markdownBelow(ROOT).map((path) => ({ path: relative(ROOT, path), text: readFileSync(path, 'utf8') }));

export const page = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** A fenced block: `language` is what stands behind the three backticks. */
export interface Block {
  language: string;
  lines: string[];
}

export const blocksOf = (text: string): Block[] =>
  [...text.matchAll(FENCE)].map(([, language = '', body = '']) => ({ language, lines: body.split('\n').slice(0, -1) }));

/** What stands between single backticks, outside of blocks. */
export const inlineCodeOf = (text: string): string[] =>
  [...text.replace(FENCE, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replaceAll('\n', ' '));

/** Targets of the links, outside of code. */
export const linksOf = (text: string): string[] =>
  [
    ...text
      .replace(FENCE, '')
      .replace(/`[^`\n]*`/g, 'code')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ].map(([, target = '']) => target);

/** The names that GitHub gives the headings. */
export const anchorsOf = (text: string): string[] =>
  [...text.replace(FENCE, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

const FENCE = /^ *```(\w*)\n(.*?)^ *```$/gms;
const NOT_OURS = new Set(['node_modules', 'dist', 'coverage']);

function markdownBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.name.startsWith('.') || NOT_OURS.has(entry.name)) return [];
    if (entry.isDirectory()) return markdownBelow(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}
