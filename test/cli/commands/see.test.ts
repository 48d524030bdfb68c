import { describe, expect, test } from 'vitest';
import { fakeAddons } from '../fixtures/fake-addons.ts';
import { type } from '../fixtures/type.ts';

describe('list', () => {
  test('one app', async () => {
    const seen = await type(['list', 'shop']);
    expect(seen.stdout).toBe('ADD-ON  ID      VARIABLE  STATE\ndb      shop-1  X_DB_URL  ok\n');
    expect(seen.stderr).toBe(' !     shop: line 3 of ADDONS: no second semicolon\n');
  });

  test('every app', async () => {
    expect((await type([])).stdout).toBe(
      'APP   ADD-ON  ID      VARIABLE  STATE\nblog  -\nshop  db      shop-1  X_DB_URL  ok\n',
    );
  });

  test('extra names stand beside the variable', async () => {
    const { resources, ...rest } = await fakeAddons([]).list('shop');
    const named = resources.map((resource) => ({ ...resource, env: ['DATABASE_URL', 'DB'] }));
    const seen = await type(['list', 'shop'], { addons: { list: async () => ({ ...rest, resources: named }) } });
    expect(seen.stdout).toContain('db      shop-1  X_DB_URL, DATABASE_URL, DB  ok\n');
  });

  test('every add-on', async () => {
    expect((await type(['-a'])).stdout).toBe(
      'ADD-ON  VERSION  STATE    APPS  DESCRIPTION\ndb      1.0.0    enabled  shop  An SQLite file\nredis   -        shipped  -\n',
    );
    expect((await type(['list', '-a', 'shop'])).status).toBe(2);
  });

  test('says on stderr that there is nothing', async () => {
    const seen = await type(['list'], { addons: { async *listAll() {} } });
    expect(seen).toMatchObject({ status: 0, stdout: '', stderr: '       There are no apps in /srv/demo/apps.\n' });
    expect((await type(['list', 'blog'])).stderr).toBe('       blog has no add-ons.\n');
  });

  test('an id cannot steer the terminal', async () => {
    const { resources, ...rest } = await fakeAddons([]).list('shop');
    const hostile = resources.map((resource) => ({ ...resource, id: '\u001b[2Jx\u202e' }));
    const seen = await type(['list', 'shop'], { addons: { list: async () => ({ ...rest, resources: hostile }) } });
    expect(seen.stdout).toContain('\\x1b[2Jx\\u202e');
  });
});

test('info', async () => {
  expect((await type(['info', 'db'])).stdout).toBe(`Add-on:        db
Description:   An SQLite file
Version:       1.0.0
State:         enabled
Apps:          shop
Variable:      X_DB_URL
Scripts in:    /srv/demo/lib/add-ons/db
Data in:       /srv/demo/apps/.add-ons/db
Provision:     safe to run again after a crash

SCRIPT     STATE                 TIMEOUT
provision  present               600 s
dump       not there (optional)  600 s
url        MISSING               30 s

CONFIGURATION   VALUE
journal_mode    wal
admin_password  [redacted]
`);
});

test('url prints the URL and nothing else', async () => {
  expect(await type(['url', 'shop', 'db'])).toMatchObject({
    status: 0,
    stdout: 'sqlite:///shop/db?password=hunter2\n',
    stderr: '',
  });
});

describe('env', () => {
  test.each([
    [[], "X_DB_URL='sqlite:///shop/db?password=hunter2'\n"],
    [['--format', 'docker'], 'X_DB_URL=sqlite:///shop/db?password=hunter2\n'],
    [['--format', 'shell'], "export X_DB_URL='sqlite:///shop/db?password=hunter2'\n"],
  ])('%j', async (words, stdout) => {
    expect((await type(['env', 'shop', ...words])).stdout).toBe(stdout);
  });

  test('json', async () => {
    const seen = await type(['env', 'shop', '--format', 'json']);
    expect(seen.json()).toEqual({ X_DB_URL: 'sqlite:///shop/db?password=hunter2' });
  });

  test('an unknown format', async () => {
    const seen = await type(['env', 'shop', '--format', 'doker']);
    expect(seen.status).toBe(2);
    expect(seen.stderr).toContain('Did you mean "docker"?');
  });
});

describe('unlock', () => {
  test('without a key shows what is held', async () => {
    expect((await type(['unlock'])).stdout).toBe(
      'KEY     WHAT              OWNER    PID   SINCE\n01HZX3  operation 01HZX3  unknown  4711  2025-01-02T03:04:05.000Z\n',
    );
  });

  test('frees a key, or says who holds it', async () => {
    expect(await type(['unlock', '01HZX3', '--force'])).toMatchObject({ status: 0, stdout: 'Freed 01HZX3.\n' });
    expect(await type(['unlock', 'other'])).toMatchObject({ status: 3, stdout: '' });
    const unlock = async () => ({
      held: [{ name: 'lock shop', key: 'k', pid: 1, owner: 'alive' as const, since: 'now' }],
      freed: [],
    });
    expect((await type(['unlock', 'k', '--force'], { addons: { unlock } })).status).toBe(75);
  });
});
