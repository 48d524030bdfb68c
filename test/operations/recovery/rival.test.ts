import { expect, it } from 'vitest';
import { rivalOf } from '../../../lib/operations/recovery/rival.ts';
import { beginEntry, newOperationId } from '../../../lib/state/journal.ts';
import { makeStore } from '../../state/journal-store.ts';

it('two operations on one trash record are rivals, those on none are not', async () => {
  const store = makeStore();
  const begin = (trashed?: string) =>
    beginEntry(store, {
      version: 1,
      id: newOperationId(),
      kind: 'undo',
      addon: 'vault',
      started: '2026-01-02T03:04:05.678Z',
      ...(trashed !== undefined && { trashed }),
    });
  const [one, other] = [await begin('r1'), await begin('r1')];
  const [none] = [await begin(), await begin()];
  expect(rivalOf({ store }, one)?.operation.id).toBe(other.operation.id);
  expect(rivalOf({ store }, none)).toBeUndefined();
});
