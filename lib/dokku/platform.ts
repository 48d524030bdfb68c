import { join } from 'node:path';
import { describePlatform, type Platform, platformOn } from '../platform.ts';

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
  return {
    ...platformOn('dokku', {
      appsRoot,
      libRoot,
      etcRoot,
      dataRoot: join(libRoot, 'services', 'add-ons'),
      stateRoot: join(appsRoot, '.state'),
      versions: join(libRoot, 'add-ons', '.versions'),
      config: join(appsRoot, '.config'), // lib root's own "config" is Dokku's
      shipped,
      variables: variablesOf(places),
    }),
    plugins: pluginsOf(etcRoot),
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
