import { SCRIPTS } from '../../addon/contract.ts';
import { AddonsError } from '../../errors.ts';
import { loadAddon } from '../../scripts/addon.ts';
import { isEnabled } from '../../state/markers.ts';
import { installedNames } from '../addons.ts';
import type { Context } from '../context.ts';
import type { Finding } from '../results.ts';

/** Installed add-ons: their files, and whether two of them want one variable. */
export function checkAddons(context: Context): Finding[] {
  const { platform } = context.store;
  const names = installedNames(platform);
  return [...names.flatMap((name) => checkScripts(context, name)), ...clashes(context, names)];
}

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
