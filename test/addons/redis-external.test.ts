import { expect, test } from 'vitest';
import { failure } from '../operations/world.ts';
import { ADMIN_PASSWORD } from '../servers/external-server.ts';
import { describeRedis, logIn } from './redis.ts';

describeRedis('redis on a server that is there already', { mode: 'external' }, (the, external) => {
  test('a release puts back the users that a server without an ACL file forgot at its restart', async () => {
    const world = the();
    const url = await world.app('forgotten');
    await logIn(url);
    await external().kill();
    await external().start();
    await expect(logIn(url)).rejects.toThrow(/WRONGPASS/);
    expect(await world.release('forgotten')).toBe(url);
    const app = await logIn(url);
    expect(await app.set(`${await world.idOf('forgotten')}:key`, 'value')).toBe('OK');
    await expect(app.set('key', 'value')).rejects.toThrow(/NOPERM/);
  });

  test('while the server does not answer, nothing is forgotten and nothing is made', async () => {
    const world = the();
    await world.app('patient');
    const ids = await world.ids();
    await external().kill();
    try {
      await failure(world.addons.remove('patient', 'redis'));
      await failure(world.app('late'));
      await failure(world.addons.release('patient'));
      expect((await world.run('health', [], 'none')).status).toBe(1);
      expect(await world.ids()).toEqual(ids);
    } finally {
      await external().start();
    }
    expect((await world.run('health', [], 'none')).status).toBe(0);
    await world.addons.remove('patient', 'redis');
    await logIn(await world.app('late'));
  });

  test.for<[string, (url: string) => string, string]>([
    ['a wrong password', (url) => url.replace(/:[^:@/]+@/, ':wrong@'), 'WRONGPASS'],
    ['a database', (url) => `${url}/3`, 'names the database 3'],
    ['another scheme', (url) => url.replace('redis:', 'http:'), 'does not begin with redis://'],
    ['a port where nothing listens', (url) => url.replace(/\d+$/, '1'), 'does not answer'],
    ['nothing', () => '', 'needs admin_url'],
  ])('enable refuses an admin_url with %s, and shows no secret', async ([, changed, words]) => {
    const world = the();
    world.configure({ admin_url: changed(external().url) });
    try {
      const error = await failure(world.addons.enable('redis', { again: true }));
      expect(error.details.stderr).toContain(words);
      expect(JSON.stringify(error)).not.toContain(ADMIN_PASSWORD);
      expect(JSON.stringify(error)).not.toContain(encodeURIComponent(ADMIN_PASSWORD));
    } finally {
      world.configure({ admin_url: external().url });
    }
    await world.addons.enable('redis', { again: true });
  });

  test('an administrator who may not make users is refused', async () => {
    const world = the();
    const admin = await logIn(external().url);
    await admin.sendCommand(['ACL', 'SETUSER', 'reader', 'on', '>secret', '~*', '&*', '+@all', '-acl']);
    world.configure({ admin_url: external().url.replace(/\/\/.*@/, '//reader:secret@') });
    try {
      expect((await failure(world.addons.enable('redis', { again: true }))).details.stderr).toContain('NOPERM');
    } finally {
      world.configure({ admin_url: external().url });
      await admin.sendCommand(['ACL', 'DELUSER', 'reader']);
    }
  });

  test('isolation = "instance" is not taken at its word, and that is said', async () => {
    const { status, stderr } = await the().run('enable', [], 'op');
    expect(status).toBe(0);
    expect(stderr).toContain('isolation is "acl"');
  });
});
