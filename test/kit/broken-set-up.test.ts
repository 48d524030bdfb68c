import { BOX, script } from './box.ts';
import { after, type Broken, before, changed, eachFailsItsCheck } from './broken.ts';

const BROKEN: readonly Broken[] = [
  ['a script is missing', 'scripts', /url.*does not exist/, { url: undefined }],
  [
    'an interpreter is not installed',
    'scripts',
    /^url cannot be started.*"\/no\/such\/sh"/,
    { url: '#!/no/such/sh\n' },
  ],
  ['env finds no such interpreter', 'scripts', /^list .*"nosuchlang".*PATH/, { list: '#!/usr/bin/env nosuchlang\n' }],
  ['lines end as on Windows', 'scripts', /^enable .*CR LF/, { enable: BOX.enable.replaceAll('\n', '\r\n') }],
  [
    'a file is a link to elsewhere',
    'installable',
    /health is a link that leads out of its directory, to \/bin\/true/,
    { health: () => '/bin/true' },
  ],
  ['addon.toml has an unknown key', 'descriptor', /idempotnt/, { 'addon.toml': '[addon]\nidempotnt = true\n' }],
  [
    'enable fails',
    'enable',
    /^enable failed with exit status 3: no disk$/,
    { enable: script('echo "no disk" >&2; exit 3') },
  ],
  [
    'enable hangs',
    'enable',
    /^enable took too long and was killed/,
    {
      'addon.toml': '[timeouts]\nenable = 0.3\n',
      enable: script('sleep 30'),
    },
  ],
  ['enable cannot be run again', 'enable-again', /second time failed/, { enable: script('mkdir boxes secrets') }],
  [
    'it is never healthy',
    'health',
    /^health .*failed with exit status 1: down$/,
    { health: script('echo down >&2; exit 1') },
  ],
  [
    'enable works with a careless umask only',
    'umask',
    /^enable under umask 077 failed/,
    {
      enable: BOX.enable.replace('umask 077', '[ "$(umask)" != 0077 ]; umask 077'),
    },
  ],
  [
    'enable writes to its own directory',
    'own-directory',
    /installed: log\.$/,
    { enable: after('enable', 'echo >"$ADDON_ROOT/log"') },
  ],
  [
    'a process stays in the group',
    'own-session',
    /^A process of enable's group/,
    {
      enable: after('enable', 'sleep 2 </dev/null >/dev/null 2>&1 &'),
    },
  ],
  [
    'disable takes no care of resources',
    'disable-in-use',
    /succeeded while an app had a resource/,
    {
      disable: script('rm -rf boxes secrets'),
    },
  ],
  [
    'disable refuses but does harm',
    'disable-in-use',
    /^url .*failed with exit status 1/,
    {
      disable: changed('disable', 'echo "boxes are in use" >&2', 'rm -rf boxes/*'),
    },
  ],
  [
    'disable fails',
    'disable',
    /^disable with no resource left failed.*: stuck$/,
    {
      disable: script('echo stuck >&2; exit 1'),
    },
  ],
  [
    'disable cannot be run again',
    'disable-again',
    /^disable run a second time failed/,
    {
      disable: changed('disable', '[ -d boxes ] || exit 0', '[ -d boxes ]'),
    },
  ],
  ['disable leaves a file', 'nothing-left', /\$ADDON_DATA\/log/, { enable: after('enable', 'echo up >log') }],
  [
    'disable leaves a server',
    'nothing-left',
    /process \d+ \(sleep\)/,
    {
      enable: after('enable', 'setsid sleep 60 </dev/null >/dev/null 2>&1 &'),
    },
  ],
  [
    'ids begin anew after disable',
    'enable-anew',
    /gave out shop-1 again/,
    {
      provision: script(`
count=$(($(cat "count.$1" 2>/dev/null || echo 0) + 1))
[ -e "op.$ADDONS_OP_ID" ] || { echo "$count" >"count.$1"; echo "$1-$count" >"op.$ADDONS_OP_ID"; }
id=$(cat "op.$ADDONS_OP_ID")
mkdir -p "boxes/$id"
echo nothing >"boxes/$id/data"
echo "$id;secret-of-$id"`),
      disable: before('disable', 'clean() { rm -rf count.* op.*; }; [ -z "$(ls boxes 2>/dev/null)" ] && clean'),
    },
  ],
];

eachFailsItsCheck(BROKEN);
