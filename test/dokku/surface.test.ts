import { expect, it } from 'vitest';
import { describeDokku, describeOldDokku } from '../../lib/dokku/platform.ts';
import { asDokkuCommands } from '../../lib/dokku/surface.ts';

it.each([
  ['Enable it first: addons enable db', 'Enable it first: dokku addons:enable db'],
  ['As root: sudo addons enable --again redis', 'As root: sudo dokku addons:enable --again redis'],
  [
    '"addons check --fix" and addons list, or: addons log',
    '"dokku addons:check --fix" and dokku addons, or: dokku addons:log',
  ],
  ['Usage: addons add <app>', 'Usage: dokku addons:add <app>'],
  ['dokku addons:add app', 'dokku addons:add app'],
  ['the add-ons list of addons that are listed', 'the add-ons list of addons that are listed'],
  ['/var/lib/dokku/data/addons add', '/var/lib/dokku/data/addons add'],
  ['addons exec shop -- env', 'addons exec shop -- env'], // Dokku has none
])('says %j as %j', (text, said) => {
  expect(asDokkuCommands(text)).toBe(said);
});

const places = { root: '/home/dokku', libRoot: '/var/lib/dokku', etcRoot: '/etc/dokku', shipped: '/plugin/add-ons' };

it('keeps everything in what an operator of Dokku backs up, and nothing where Dokku has its own', () => {
  const platform = describeDokku(places);
  expect([
    platform.appDir('shop'),
    platform.addonData('db'),
    platform.addonRoot('db'),
    platform.configVar('db'),
  ]).toEqual([
    '/var/lib/dokku/data/addons/shop',
    '/var/lib/dokku/services/add-ons/db',
    '/var/lib/dokku/add-ons/db',
    'DOKKU_DB_URL',
  ]);
  const { journal, locks, stamps, trash, log, outputs } = platform;
  for (const path of [journal, locks, stamps, trash, log, outputs])
    expect(path).toMatch(/^\/var\/lib\/dokku\/data\/addons\/\.state\/\w+$/);
  expect([platform.marker('db'), platform.kept('db')]).toEqual([
    '/var/lib/dokku/services/add-ons/db/enabled',
    '/var/lib/dokku/services/add-ons/db/kept',
  ]);
});

it('knows the places of old platforms', () => {
  const platform = describeOldDokku(places);
  expect([platform.appDir('shop'), platform.addonData('db'), platform.addonRoot('db')]).toEqual([
    '/home/dokku/shop',
    '/home/dokku/.add-ons/db',
    '/var/lib/dokku/add-ons/db',
  ]);
});
