import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { enabled, everythingIn, fileOf, killGroup, list, provision, run, runKilledAt, start, success } from './db.ts';

describe('crashes', () => {
  test('provision killed before any of its steps, and run again, has made exactly one database', () => {
    for (let step = 1; ; step++) {
      const data = enabled(`again-${step}`);
      const killed = runKilledAt(data, 'provision', 'shop', step);
      if (killed.status === 0) {
        expect(step).toBeGreaterThan(4);
        break;
      }
      expect(killed.signal).toBe('SIGKILL');
      expect(provision(data, 'shop', 'op-1')).toBe('shop-op-1');
      expect(everythingIn(data)).toEqual(['shop-op-1']);
      expect(readdirSync(join(data, 'databases', 'shop-op-1'))).toEqual(['database.sqlite']);
    }
  });

  test('provision killed before any of its steps has printed the id, and unprovision leaves nothing', () => {
    for (let step = 1; ; step++) {
      const data = enabled(`undone-${step}`);
      const killed = runKilledAt(data, 'provision', 'shop', step);
      if (killed.status === 0) break;
      expect(killed.signal).toBe('SIGKILL');
      expect(killed.stdout).toBe('shop-op-1;\n');
      expect(run(data, 'unprovision', ['shop-op-1'])).toEqual(success(''));
      expect(everythingIn(data)).toEqual([]);
    }
  });

  test('unprovision killed before any of its steps shows a whole database or none; run again, it leaves nothing', () => {
    const seen = new Set<string>();
    for (let step = 1; ; step++) {
      const data = enabled(`gone-${step}`);
      const id = provision(data, 'shop', 'op-1');
      const killed = runKilledAt(data, 'unprovision', id, step);
      if (killed.status === 0) break;
      expect(killed.signal).toBe('SIGKILL');
      seen.add(everythingIn(data).join());
      expect(run(data, 'unprovision', [id])).toEqual(success(''));
      expect(everythingIn(data)).toEqual([]);
    }
    expect([...seen]).toEqual(['shop-op-1', '.gone.shop-op-1', '']);
  });

  test('provision killed at any moment shows no database or a whole one; run again, exactly one', async () => {
    for (let round = 0; round < 20; round++) {
      const data = enabled(`moment-${round}`);
      const running = start(data, ['provision', 'shop'], { ADDONS_OP_ID: 'op-1' });
      await sleep((round * 6) / 20);
      await killGroup(running);
      for (const id of list(data)) expect(existsSync(fileOf(data, id))).toBe(true);
      expect(provision(data, 'shop', 'op-1')).toBe('shop-op-1');
      expect(everythingIn(data)).toEqual(['shop-op-1']);
    }
  });

  test('disable clears away what a killed provision left', () => {
    const data = enabled();
    runKilledAt(data, 'provision', 'shop', 3);
    expect(everythingIn(data)).toEqual(['.new.shop-op-1']);
    expect(list(data)).toEqual([]);
    expect(run(data, 'disable')).toEqual(success(''));
    expect(readdirSync(data)).toEqual([]);
  });
});
