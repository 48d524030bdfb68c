import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Trial } from './trial.ts';

const STONE = 'stepping-stone';

/** Ids that lead elsewhere when they are put into a path, a pattern or a command line unchecked. None of them is absolute. */
export const UNSAFE_IDS = ['', '.', '..', '-x', '*', 'no such id', `../${STONE}`, `../../${STONE}`, `./${STONE}`];

/** Files where such ids may lead to. */
export interface Stones {
  /** What became of one, in words that follow the id; undefined: nothing. */
  moved(): string | undefined;
  pickUp(): void;
}

export function layStones({ store, addon }: Trial): Stones {
  const data = store.platform.addonData(addon.name);
  const places = [data, dirname(data), addon.root, dirname(addon.root)].map((directory) => join(directory, STONE));
  for (const place of places) {
    mkdirSync(place);
    writeFileSync(join(place, 'file'), '');
  }
  return {
    moved() {
      if (!existsSync(store.platform.marker(addon.name))) return "removed the tool's own file $ADDON_DATA/enabled";
      const gone = places.find((place) => !existsSync(join(place, 'file')));
      return gone === undefined ? undefined : 'removed a directory that is no resource';
    },
    pickUp() {
      for (const place of places) rmSync(place, { recursive: true, force: true });
    },
  };
}
