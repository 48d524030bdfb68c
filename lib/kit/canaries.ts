import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Trial } from './trial.ts';

const CANARY = 'canary';

/** Ids that lead elsewhere when they are put into a path, a pattern or a command line unchecked. None of them is absolute. */
export const UNSAFE_IDS = ['', '.', '..', '-x', '*', 'no such id', `../${CANARY}`, `../../${CANARY}`, `./${CANARY}`];

/** Directories where such ids may lead to: whoever follows one harms a canary, and nothing else. */
export interface Canaries {
  /** What was done to one, in words that follow the id; undefined: nothing. */
  harm(): string | undefined;
  remove(): void;
}

export function placeCanaries({ store, addon }: Trial): Canaries {
  const data = store.platform.addonData(addon.name);
  const places = [data, dirname(data), addon.root, dirname(addon.root)].map((directory) => join(directory, CANARY));
  for (const place of places) {
    mkdirSync(place);
    writeFileSync(join(place, 'file'), '');
  }
  return {
    harm() {
      if (!existsSync(store.platform.marker(addon.name))) return "removed the tool's own file $ADDON_DATA/enabled";
      const gone = places.find((place) => !existsSync(join(place, 'file')));
      return gone === undefined ? undefined : 'removed a directory that is no resource';
    },
    remove() {
      for (const place of places) rmSync(place, { recursive: true, force: true });
    },
  };
}
