import { BOX, script } from './box.ts';
import { after, type Broken, before, changed, eachFailsItsCheck } from './broken.ts';

const ID = 'id=$1-$ADDONS_OP_ID';

const BROKEN: readonly Broken[] = [
  [
    'provision chats on stdout',
    'provision',
    /^provision printed two lines\.$/,
    { provision: before('provision', 'echo Hello') },
  ],
  ['provision prints no semicolon', 'provision', /no semicolon/, { provision: changed('provision', ';$password', '') }],
  [
    'provision fails',
    'provision',
    /^provision for the app shop failed with exit status 1: full$/,
    {
      provision: script('echo full >&2; exit 1'),
    },
  ],
  ['url prints no URL', 'url', /does not begin with a scheme/, { url: changed('url', 'box://', 'box/') }],
  [
    'url prints a URL that does not parse',
    'url',
    /of the scheme box that does not parse/,
    {
      url: changed('url', 'box.example', 'box.example:port'),
    },
  ],
  [
    'url is another one each time',
    'url-stable',
    /two different URLs/,
    { url: changed('url', 'box.example/$1', 'box.example/$1?$(date +%N)') },
  ],
  [
    'a name with a dot is too much for it',
    'app-names',
    /^provision for the app blog\.example\.org failed/,
    {
      provision: before('provision', 'case $1 in *.*) exit 1 ;; esac'),
    },
  ],
  [
    'names become one when they are cleaned',
    'ids',
    /given an id that another app/,
    {
      provision: changed('provision', ID, `id=$(printf %s "$1" | tr -d ._-)`),
    },
  ],
  [
    'all apps get one URL',
    'urls',
    /were given the same URL/,
    { url: changed('url', 'box://me:$2@box.example/$1', 'box://box.example/') },
  ],
  [
    'url cannot run twice at once',
    'urls',
    /^url .*failed with exit status 1: busy$/,
    {
      url: before('url', 'mkdir lock || { echo busy >&2; exit 1; }; sleep 0.05; rmdir lock'),
    },
  ],
  ['list leaves one out', 'list', /does not name .*, which exists/, { list: script('ls boxes | tail -n +2') }],
  [
    'list names what is none',
    'list',
    /names lost\+found, which no provision/,
    { list: after('list', 'echo lost+found') },
  ],
  ['unprovision does nothing', 'unprovision', /list still names short-lived-/, { unprovision: script(':') }],
  [
    'unprovision cannot be run again',
    'unprovision-again',
    /gone already failed/,
    {
      unprovision: before('unprovision', '[ -d "boxes/$1" ]'),
    },
  ],
  [
    'unprovision wants to know the id',
    'unprovision-unknown',
    /which never existed, failed/,
    {
      unprovision: before('unprovision', '[ -d "boxes/$1" ] || [ -e "graves/$1" ]; mkdir -p graves; : >"graves/$1"'),
      disable: changed('disable', 'rm -rf', 'rm -rf graves'),
    },
  ],
  [
    'url has an answer for what is gone',
    'url-gone',
    /succeeded for a resource that is gone/,
    {
      url: changed('url', '[ -d "boxes/$1" ]', ''),
      // So that only what is destroyed tells.
      disable: BOX.disable,
    },
  ],
  ['an id comes again', 'new-id', /given comes-again again/, { provision: changed('provision', ID, 'id=$1') }],
  [
    'provision makes another one each time',
    'provision-again',
    /printed two ids/,
    {
      provision: changed('provision', ID, 'id=$1-$$-$(date +%N)'),
    },
  ],
  [
    'a killed provision leaves half of one',
    'provision-killed',
    /killed by SIG\w+ .*left 2 resources/,
    {
      provision: changed('provision', 'mkdir -p "boxes/$id"', HALF('half.$$')),
    },
  ],
  [
    'unprovision leaves half of one',
    'unprovision-half',
    /unprovision of that id left half-\d-.*\.part/,
    {
      provision: changed('provision', 'mkdir -p "boxes/$id"', HALF('$id.part')),
    },
  ],
  [
    'an id that is a path is followed',
    'unsafe-ids',
    /^unprovision of "" /,
    {
      unprovision: script('rm -rf "boxes/$1" "secrets/$1"'),
      list: script('[ ! -d boxes ] || ls boxes'),
    },
  ],
  [
    'an id leads out of the data',
    'unsafe-ids',
    /removed a directory that is no resource/,
    {
      unprovision: script('[ -n "$1" ] && rm -rf "boxes/$1" "secrets/$1"'),
    },
  ],
];

/** The box is built under another name first, which a second run removes only if it is the same. */
function HALF(name: string): string {
  return `[ -d "boxes/$id" ] || { rm -rf "boxes/${name}"; mkdir "boxes/${name}"; sleep 0.06; mv "boxes/${name}" "boxes/$id"; }`;
}

eachFailsItsCheck(BROKEN);
