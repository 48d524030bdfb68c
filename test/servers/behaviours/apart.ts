import { expect, test } from 'vitest';
import { isLetIn, readFrom, withLogin, writeTo } from '../clients.ts';
import type { Trial } from '../trial.ts';

export function keepsAppsApart(the: () => Trial) {
  test('an app finds, reads and changes nothing of another, and administers nothing', async () => {
    const { world, kind, subject } = the();
    const mine = { url: await world.app('mine'), id: '' };
    const theirs = { url: await world.app('theirs'), id: '' };
    mine.id = await world.idOf('mine');
    theirs.id = await world.idOf('theirs');
    await writeTo(mine.url, 'secret', 'mine');
    await writeTo(theirs.url, 'secret', 'theirs');

    for (const url of kind.forgeries(mine, theirs, subject.mode !== 'external')) {
      expect(await isLetIn(url), url).toBe(false);
    }
    await withLogin(theirs.url, async (victim) => {
      for (const statement of kind.intrusions(mine, theirs)) {
        const answer = withLogin(mine.url, (intruder) => intruder.ask(statement));
        await expect(answer, statement).rejects.toThrow();
      }
      await withLogin(mine.url, async (intruder) => {
        expect(await kind.found(intruder, theirs)).toBe('');
      });
      // The same connection as before: nobody was cut off.
      expect(await victim.read('secret')).toBe('theirs');
    });
    expect(await readFrom(mine.url, 'secret')).toBe('mine');
    expect(await world.release('theirs')).toBe(theirs.url);
    await world.addons.remove('mine', world.addon);
    expect(await readFrom(theirs.url, 'secret')).toBe('theirs');
  });
}
