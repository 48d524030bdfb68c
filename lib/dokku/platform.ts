import { join } from 'node:path';
import { describePlatform, type Platform } from '../platform.ts';

/** Where a Dokku host has its things. */
export interface DokkuPlaces {
  /** `DOKKU_ROOT`, default `/home/dokku`: the apps' repositories. */
  root: string;
  /** `DOKKU_LIB_ROOT`, default `/var/lib/dokku`. */
  libRoot: string;
  /** Default `/etc/dokku`. */
  etcRoot: string;
  /** The add-ons that come with the plugin. */
  shipped: string | undefined;
}

/**
 * Dokku as it is today. All of ours lies below the two directories that Dokku's operators back up, `data` and `services`;
 * nothing in an app's own directory, which is copied over at a clone or rename, and nothing where Dokku keeps its configuration.
 */
export function describeDokku(places: DokkuPlaces): Platform {
  const { libRoot, etcRoot, shipped } = places;
  const appsRoot = join(libRoot, 'data', 'addons');
  const state = join(appsRoot, '.state');
  const addonData = (addon: string) => join(libRoot, 'services', 'add-ons', addon);
  return {
    ...describePlatform({ name: 'dokku', appsRoot, libRoot, etcRoot, shipped }),
    journal: join(state, 'journal'),
    locks: join(state, 'locks'),
    stamps: join(state, 'stamps'),
    trash: join(state, 'trash'),
    log: join(state, 'log'),
    executions: join(state, 'executions'),
    outputs: join(state, 'outputs'),
    plugins: pluginsOf(etcRoot),
    variables: variablesOf(places),
    addonData,
    marker: (addon) => join(addonData(addon), 'enabled'),
    kept: (addon) => join(addonData(addon), 'kept'),
  };
}

/** A platform of the seed's own time: `ADDONS` and `ENV` lie in the app's directory, data below `/home/dokku/.add-ons`. */
export function describeOldDokku(places: DokkuPlaces): Platform {
  const { root, libRoot, etcRoot, shipped } = places;
  return {
    ...describePlatform({ name: 'dokku', appsRoot: root, libRoot, etcRoot, shipped }),
    plugins: pluginsOf(etcRoot),
    variables: { ...variablesOf(places), ADDONS_OLD_DOKKU: '1' },
  };
}

/** Dokku's own names, which mean to it what they always mean. */
const variablesOf = ({ root, libRoot, etcRoot }: DokkuPlaces): Platform['variables'] => ({
  ADDONS_PLATFORM: 'dokku',
  DOKKU_ROOT: root,
  DOKKU_LIB_ROOT: libRoot,
  DOKKU_ETC_ROOT: etcRoot,
});

/** Those below `/var/lib/dokku/plugins` are Dokku's own. */
const pluginsOf = (etcRoot: string): string[] => [join(etcRoot, 'add-ons-plugins')];
