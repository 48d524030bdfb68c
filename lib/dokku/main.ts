import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Open } from '../cli/session.ts';
import { start } from '../cli/start.ts';
import { shippedAddons, verbsOn } from '../open-platform.ts';
import { dokkuConfigVars } from './config-var-sink.ts';
import { openHost } from './host.ts';
import { type DokkuPlaces, describeDokku, describeOldDokku } from './platform.ts';
import { openPlugn } from './plugn.ts';
import { type DokkuSetting, dokkuSurface } from './surface.ts';

// The program of the Dokku plugin. Its bash files say in ADDONS_OLD_DOKKU whether this Dokku is one of the seed's own time.

const { env } = process;
env.ADDONS_PLATFORM = 'dokku';
const { setting, open } = env.ADDONS_OLD_DOKKU ? openOld() : openToday();
void start(open, dokkuSurface(setting));

function openToday(): { setting: DokkuSetting; open: Open } {
  const all = places();
  const platform = describeDokku(all);
  const { outputs } = platform;
  const plugn = openPlugn({ env, outputs });
  return {
    setting: { host: openHost({ env, plugn, outputs }), env },
    open: ({ environment, wait }) => verbsOn(platform, { environment, wait }, dokkuConfigVars(plugn, all.root)),
  };
}

function openOld(): { setting: DokkuSetting; open: Open } {
  const platform = describeOldDokku(places());
  return {
    setting: { host: undefined, env },
    open: ({ environment, wait }) => verbsOn(platform, { environment, wait }),
  };
}

function places(): DokkuPlaces {
  const shipped = fileURLToPath(new URL('add-ons', import.meta.url)); // beside the plugin's program
  return {
    root: env.DOKKU_ROOT ?? '/home/dokku',
    libRoot: env.DOKKU_LIB_ROOT ?? '/var/lib/dokku',
    etcRoot: env.DOKKU_ETC_ROOT ?? '/etc/dokku',
    shipped: existsSync(shipped) ? shipped : shippedAddons(),
  };
}
