import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { send } from '../../lib/scripts/processes.ts';
import { needs } from '../require.ts';
import { processesBelow } from '../servers/remains.ts';
import { NOBODY, platformOfNobody } from './platform-of-nobody.ts';

test.skipIf(!needs('root', 'postgres'))('somebody who is not root runs a server of his own', () => {
  const { home, data, services, env } = platformOfNobody('postgresql');
  try {
    const work = `
      cd "$ADDON_ROOT"
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
    const nobody = ['--reuid', `${NOBODY}`, '--regid', `${NOBODY}`, '--clear-groups'];
    const said = execFileSync('setpriv', [...nobody, 'sh', '-euc', work], { cwd: home, encoding: 'utf8', env });
    expect(said).toBe('nobody\n');
    expect([...processesBelow(data), ...processesBelow(services)]).toEqual([]);
  } finally {
    for (const pid of [...processesBelow(services), ...processesBelow(data)]) send('SIGKILL', pid);
    rmSync(home, { recursive: true, force: true });
  }
});
