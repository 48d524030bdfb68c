import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { needs } from '../require.ts';
import { processesBelow } from '../servers/remains.ts';

test.skipIf(!needs('root', 'postgres'))('somebody who is not root runs a server of his own', () => {
  const home = mkdtempSync(join(tmpdir(), 'unprivileged-'));
  try {
    cpSync(join(import.meta.dirname, '../../addons/postgresql'), join(home, 'root'), { recursive: true });
    execFileSync('chmod', ['-R', 'o+rX', home]);
    chownSync(home, 65534, 65534);
    chmodSync(home, 0o755);
    const work = `
      ./enable
      line=$(./provision shop) id=\${line%%;*} private=\${line#*;}
      ./url "$id" "$private" | grep -q "^postgres://"
      ./dump "$id" "$private" >"$HOME/dump"
      ./restore "$id" "$private" <"$HOME/dump"
      ./rotate "$id" "$private" >/dev/null
      ./health
      stat -c %U "$ADDON_DATA/servers/server/data"
      ./unprovision "$id"
      ./disable
      ls -A "$ADDON_DATA"`;
    const nobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups'];
    const said = execFileSync(
      'setpriv',
      [...nobody, 'sh', '-euc', `mkdir "$ADDON_DATA" && cd "$ADDON_ROOT" && ${work}`],
      {
        cwd: home,
        encoding: 'utf8',
        env: {
          PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
          HOME: home,
          ADDON: 'postgresql',
          ADDON_ROOT: join(home, 'root'),
          ADDON_DATA: join(home, 'data'),
          ADDON_CONFIG_SERVER: 'host',
          ADDONS_OP_ID: 'op1',
          ADDONS_PLATFORM: 'x',
        },
      },
    );
    expect(said).toBe('nobody\n');
    expect(processesBelow(join(home, 'data'))).toEqual([]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
