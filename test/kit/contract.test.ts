import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CHECK_NAMES, CHECKS, type CheckRow } from '../../lib/kit/contract.ts';
import { selectChecks } from '../../lib/kit/selection.ts';

const ROWS: readonly CheckRow[] = CHECKS;

test('the page for authors says what each check asks, in their order', () => {
  const page = readFileSync(new URL('../../docs/testing-add-ons.md', import.meta.url), 'utf8');
  const table = page.split('## What is checked')[1] ?? '';
  const rows = [...table.matchAll(/^\| `([a-z-]+)` +\| (.*?) +\|$/gm)].map(([, name, contract]) => ({
    name,
    contract,
  }));
  expect(rows).toEqual(ROWS.map(({ name, contract }) => ({ name, contract })));
});

test('what a check needs comes before it', () => {
  for (const [at, { name, needs = [], unless = [] }] of ROWS.entries())
    for (const other of [...needs, ...unless]) expect(CHECK_NAMES.slice(0, at), name).toContain(other);
});

test('a check brings along all that it needs', () => {
  expect(selectChecks(['new-id']).map(({ name }) => name)).toEqual([
    'scripts',
    'descriptor',
    'installable',
    'enable',
    'provision',
    'app-names',
    'ids',
    'unprovision',
    'new-id',
  ]);
  expect(selectChecks([])).toEqual(CHECKS);
});
