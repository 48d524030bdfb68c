import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describePlatform } from '../../lib/platform.ts';
import { SCRIPT_PATH } from '../../lib/scripts/environment.ts';
import { commandLine } from '../../lib/services/own-program.ts';

export const NOBODY = 65534;

/** A platform of the user nobody that has one add-on, with the tool beside it: where others cannot read, they cannot run it. */
export function platformOfNobody(addon: string) {
  const home = mkdtempSync(join(tmpdir(), 'nobody-'));
  const sources = join(import.meta.dirname, '../..');
  const platform = describePlatform({ home });
  const [root, data] = [platform.addonRoot(addon), platform.addonData(addon)];
  for (const path of [root, data]) mkdirSync(path, { recursive: true });
  cpSync(join(sources, 'addons', addon), root, { recursive: true });
  for (const part of ['dist', 'package.json'])
    cpSync(join(sources, part), join(home, 'tool', part), { recursive: true });
  execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, home]);
  execFileSync('chmod', ['-R', 'o+rX', home]);
  chmodSync(home, 0o755);
  chmodSync(data, 0o711);
  chownSync(data, NOBODY, NOBODY);
  const env = {
    PATH: SCRIPT_PATH,
    HOME: home,
    ADDON: addon,
    ADDON_ROOT: root,
    ADDON_DATA: data,
    ADDON_CONFIG_SERVER: 'host',
    ADDONS_OP_ID: 'op1',
    ADDONS_PLATFORM: 'x',
    ADDONS_COMMAND: commandLine([process.execPath, join(home, 'tool/dist/cli.cjs')], platform.variables),
  };
  return { home, root, data, services: platform.services, env };
}
