import { BOX, script } from './box.ts';
import { after, type Broken, before, changed, eachFailsItsCheck } from './broken.ts';

const BROKEN: readonly Broken[] = [
  [
    'provision cannot run twice at once',
    'concurrent',
    /^provision failed for \d+ of 20 apps at once: .*busy/,
    {
      provision: before('provision', 'exec 9>boxes/.lock; flock -n 9 || { echo busy >&2; exit 1; }; sleep 0.03'),
    },
  ],
  ['dump writes nothing', 'dump', /wrote nothing/, { dump: script(':') }],
  [
    'restore cannot be run again',
    'restore',
    /^restore from its own dump a second time failed/,
    {
      restore: after('restore', 'mkdir "boxes/$1/restored"'),
    },
  ],
  [
    'restore takes nothing for a dump',
    'restore-empty',
    /succeeded with nothing on stdin/,
    {
      restore: changed('restore', '[ "$(tail', '[ ! -s "boxes/$1/new" ] && exit 0\n[ "$(tail'),
    },
  ],
  [
    'restore destroys before it refuses',
    'restore-empty',
    /data is not what it was/,
    {
      restore: changed('restore', '{ rm', '{ : >"boxes/$1/data"; rm'),
    },
  ],
  [
    'restore takes half a dump',
    'restore-cut',
    /succeeded with the first half of a dump \(\d+ of \d+ bytes\)/,
    {
      restore: script('cat >"boxes/$1/new"; [ -s "boxes/$1/new" ]; mv "boxes/$1/new" "boxes/$1/data"'),
    },
  ],
  [
    'rotate changes nothing',
    'rotate',
    /the private that the resource had already/,
    { rotate: script('cat "secrets/$1"') },
  ],
  ['rotate fails', 'rotate', /^rotate of rotated-.* failed/, { rotate: script('exit 1') }],
  [
    'rotate cannot be run again',
    'rotate-again',
    /^rotate of rotated-again-.* failed/,
    {
      rotate: after('rotate', 'mkdir "secrets/.op.$ADDONS_OP_ID"'),
    },
  ],
  [
    'everybody may write',
    'modes',
    /Every user can write to \$ADDON_DATA\/boxes/,
    {
      enable: BOX.enable.replace('umask 077', ''),
    },
  ],
  [
    'everybody may read a private',
    'modes',
    /Every user can read \$ADDON_DATA\/secrets\/.*holds a private/,
    {
      enable: BOX.enable.replace('077', '022'),
      provision: BOX.provision.replace('077', '022'),
    },
  ],
  [
    'provision tells the private',
    'secrets',
    /^provision wrote a private/,
    { provision: after('provision', 'echo "made $password" >&2') },
  ],
  [
    'rotate traces itself',
    'secrets',
    /^rotate wrote a private/,
    { rotate: after('rotate', 'set -x; : "$(cat "secrets/$1")"') },
  ],
  [
    'provision passes the private as an argument',
    'arguments',
    /While provision ran.* arguments of/,
    {
      provision: after('provision', `sh -c 'sleep 0.06; :' sh "$password"`),
    },
  ],
  [
    'rotate passes the private as an argument',
    'arguments',
    /While rotate ran.* arguments of/,
    {
      rotate: after('rotate', `sh -c 'sleep 0.06; :' sh "$(cat "secrets/$1")"`),
    },
  ],
];

eachFailsItsCheck(BROKEN);
