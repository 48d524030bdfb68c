import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { failure } from '../../operations/world.ts';
import { logIn, readFrom, writeTo } from '../clients.ts';
import type { Trial } from '../trial.ts';

export function savesData(the: () => Trial) {
  test('what a dump holds comes back to an app that was removed and added anew', async () => {
    const { world } = the();
    const url = await world.app('save');
    await writeTo(url, 'key', 'of the dump');
    await writeTo(url, 'unusual', UNUSUAL);
    const file = await world.dump('save');
    await world.addons.remove('save', world.addon);
    const anew = await world.app('save');
    expect(anew).not.toBe(url);
    expect(await readFrom(anew, 'key')).toBeUndefined();
    for (const _ of ['once', 'twice']) {
      await world.addons.restore('save', world.addon, { file });
      // A container that was started anew may have another address.
      const url = await world.release('save');
      expect(await readFrom(url, 'key')).toBe('of the dump');
      expect(await readFrom(url, 'unusual')).toBe(UNUSUAL);
      await writeTo(url, 'key', 'newer');
      expect(await readFrom(url, 'key')).toBe('newer');
    }
    expect(await world.ids()).toEqual([await world.idOf('save')]);
  });

  test('a restore beside an open connection that writes ends with the data of the dump', async () => {
    const { world } = the();
    const url = await world.app('busy');
    await writeTo(url, 'key', 'of the dump');
    const file = await world.dump('busy');
    await writeTo(url, 'key', 'newer');
    let over = false;
    const writing = (async () => {
      while (!over) {
        // It may be cut off, and comes back, as an app does.
        const login = await logIn(url).catch(() => undefined);
        try {
          while (login && !over) await login.write('beat', 'x');
        } catch {}
        await login?.close().catch(() => {});
      }
    })();
    await world.addons.restore('busy', world.addon, { file }).finally(() => {
      over = true;
    });
    await writing;
    expect(await readFrom(await world.release('busy'), 'key')).toBe('of the dump');
  });

  describe('a restore is refused, and the data as it was, for', () => {
    const inputs: [string, (dump: Buffer) => Buffer][] = [
      ['an empty file', () => Buffer.alloc(0)],
      ['half of a dump', (dump) => dump.subarray(0, dump.length / 2)],
      ['a dump without its last bytes', (dump) => dump.subarray(0, -3)],
      ['something else', () => Buffer.from('#!/bin/sh\necho this is no dump\n'.repeat(100))],
    ];
    test.each(inputs)('%s', async (_, made) => {
      const { world } = the();
      const url = await world.app('hold');
      await writeTo(url, 'key', 'of the dump');
      const dump = readFileSync(await world.dump('hold'));
      await writeTo(url, 'key', 'kept');
      const error = await failure(world.addons.restore('hold', world.addon, { file: world.file(made(dump)) }));
      expect(error.details.stderr ?? error.message).toMatch(/\w{3,}.*\./);
      expect(await world.release('hold')).toBe(url);
      expect(await readFrom(url, 'key')).toBe('kept');
    });
  });
}

const UNUSUAL = 'quote \' " ` back\\slash line\nbreak tab\t % _ ; -- $1 ä € 🚀';
