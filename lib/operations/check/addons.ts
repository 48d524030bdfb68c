import { readlinkSync } from 'node:fs';
import { SCRIPTS } from '../../addon/contract.ts';
import { AddonsError } from '../../errors.ts';
import type { Platform } from '../../platform.ts';
import { loadAddon } from '../../scripts/addon.ts';
import { isEnabled } from '../../state/markers.ts';
import { leftVersions, placeOf } from '../../state/versions.ts';
import { installedNames } from '../addons.ts';
import type { Context } from '../context.ts';
import type { Finding } from '../results.ts';

/** Installed add-ons: their places, their files, and whether two of them want one variable. */
export function checkAddons(context: Context): Finding[] {
  const { platform } = context.store;
  const names = installedNames(platform);
  const broken = names.filter((name) => placeOf(platform, name) === 'broken');
  return [
    ...broken.map((name) => danglingLink(platform, name)),
    ...leftVersions(platform).map(halfInstalled),
    ...names.filter((name) => !broken.includes(name)).flatMap((name) => checkScripts(context, name)),
    ...clashes(context, names),
  ];
}

const danglingLink = ({ addonRoot }: Platform, addon: string): Finding => ({
  kind: 'dangling-link',
  severity: 'error',
  message: `${addonRoot(addon)} is a link to ${readlinkSync(addonRoot(addon))}, which is not there.`,
  hint: `Put back what it leads to, or take it away: addons uninstall ${addon}`,
  addon,
  path: addonRoot(addon),
});

const halfInstalled = (path: string): Finding => ({
  kind: 'half-installed',
  severity: 'warning',
  message: `${path} is what an install or an update that was interrupted left. It is in force nowhere.`,
  hint: 'addons check --fix',
  path,
});

function checkScripts({ store, scripts }: Context, name: string): Finding[] {
  return SCRIPTS.filter(({ required }) => required).flatMap(({ name: script }): Finding[] => {
    try {
      loadAddon(store.platform, name, scripts).script(script);
      return [];
    } catch (error) {
      if (!(error instanceof AddonsError)) throw error;
      const kind = error.code === 'script-not-found' ? 'script-missing' : 'unreadable';
      if (kind === 'unreadable' && script !== 'enable') return []; // once is enough
      const { message, hint } = error;
      return [
        {
          kind,
          severity: 'error',
          message: `${name}: ${message}`,
          ...(hint && { hint }),
          addon: name,
          path: store.platform.addonRoot(name),
        },
      ];
    }
  });
}

function clashes({ store }: Context, names: string[]): Finding[] {
  const { platform } = store;
  const byVariable = new Map<string, string>();
  return names
    .filter((name) => isEnabled(store, name))
    .flatMap((name): Finding[] => {
      const variable = platform.configVar(name);
      const other = byVariable.get(variable);
      byVariable.set(variable, name);
      if (other === undefined) return [];
      return [
        {
          kind: 'variable-clash',
          severity: 'error',
          message: `${other} and ${name} both set ${variable}.`,
          hint: `Disable one of them and rename its directory in ${platform.addonsRoot}.`,
          addon: name,
        },
      ];
    });
}
