import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { failure } from '../operations/world.ts';
import { needs } from '../require.ts';
import { isLetIn, withLogin } from '../servers/clients.ts';
import { type ExternalServer, startServer } from '../servers/external-server.ts';
import { type ServerWorld, serverWorld } from '../servers/world.ts';

const ask = (url: string, statement: string) => withLogin(url, (login) => login.ask(statement));

describe.skipIf(!needs('root', 'postgres'))('postgresql on a server that is there already', () => {
  let server: ExternalServer;
  let world: ServerWorld;
  /** A superuser's, where `server.url` is of a manager who may make databases and roles. */
  let superuser: string;
  beforeAll(async () => {
    server = await startServer('postgresql');
    superuser = Object.assign(new URL(server.url), { username: 'postgres', password: 'first' }).href;
    world = serverWorld({ addon: 'postgresql', settings: { server: 'external', admin_url: server.url } });
    await world.addons.enable('postgresql');
  });
  afterEach(() => world.deleteApps());
  afterAll(async () => {
    world.close();
    await server.stop();
  });

  test('what admin_url asks for after "?" is asked for in the URL of the app', async () => {
    world.configure({ admin_url: `${server.url}?sslmode=disable&application_name=addons` });
    const url = new URL(await world.app('shop'));
    expect(url.search).toBe('?sslmode=disable&application_name=addons');
    expect(await isLetIn(url.href)).toBe(true);
    world.configure({ admin_url: `${server.url}?sslmode=require` });
    expect((await failure(world.addons.rotate('shop', 'postgresql'))).details.stderr).toContain(
      'server does not support SSL',
    );
    world.configure({ admin_url: server.url });
  });

  test('another administrator may come: what was made is found and goes', async () => {
    await world.app('shop');
    world.configure({ admin_url: superuser });
    await world.addons.rotate('shop', 'postgresql');
    expect(await world.ids()).toEqual([await world.idOf('shop')]);
    await world.addons.remove('shop', 'postgresql');
    expect(await world.ids()).toEqual([]);
    world.configure({ admin_url: server.url });
  });

  test('two installations share a server, and each lists its own', async () => {
    const other = serverWorld({ addon: 'postgresql', settings: { server: 'external', admin_url: server.url } });
    try {
      await other.addons.enable('postgresql');
      await world.app('shop');
      await other.app('shop');
      expect(await world.ids()).toEqual([await world.idOf('shop')]);
      expect(await other.ids()).toEqual([await other.idOf('shop')]);
      const { status, stderr } = await world.run('unprovision', [await other.idOf('shop')], 'theirs');
      expect([status, stderr]).toEqual([1, expect.stringContaining('was not made by this installation')]);
      await other.deleteApps();
      await other.addons.disable('postgresql');
    } finally {
      other.close();
    }
  });

  test('a role that may not make databases is refused by enable, with the statement that lets it', async () => {
    await ask(superuser, "CREATE ROLE guest LOGIN PASSWORD 'guest'");
    const guest = Object.assign(new URL(server.url), { username: 'guest', password: 'guest' }).href;
    world.configure({ admin_url: guest });
    const { details } = await failure(world.addons.enable('postgresql', { again: true }));
    expect(details.stderr).toContain('ALTER ROLE guest CREATEDB CREATEROLE');
    expect(details.stderr).not.toContain('guest@');
    world.configure({ admin_url: server.url });
  });

  test.each([
    ['', 'needs admin_url'],
    ['mysql://root@localhost', 'does not begin with postgres://'],
    ['postgres://admin:secret-word@127.0.0.1:1/postgres', 'Connection refused'],
  ])('the admin_url %j is refused in words, without its password', async (url, words) => {
    world.configure({ admin_url: url });
    const { message, details } = await failure(world.addons.enable('postgresql', { again: true }));
    expect(details.stderr).toContain(words);
    expect(`${message} ${details.stderr}`).not.toContain('secret-word');
    world.configure({ admin_url: server.url });
  });
});
