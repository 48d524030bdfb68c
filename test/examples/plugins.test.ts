import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openPlatform } from '../../lib/open-platform.ts';
import type { Addons } from '../../lib/operations/results.ts';
import { SCRIPT_PATH } from '../../lib/scripts/environment.ts';
import { collect, listener } from '../operations/world.ts';
import { needs } from '../require.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/plugins', import.meta.url));

let home: string;
let platform: Addons;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'plugins-'));
  const bin = join(home, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'systemctl'),
    `#!/bin/sh\necho "$@" >>${home}/restarted\n[ ! -e ${home}/broken ] || exit 5\n`,
  );
  chmodSync(join(bin, 'systemctl'), 0o755);
  platform = openPlatform({ home, scriptPath: `${bin}:${SCRIPT_PATH}` });
  for (const app of ['shop', 'blog']) mkdirSync(platform.platform.appDir(app), { recursive: true });
  await platform.enable('db');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function use(name: string, settings: (toml: string) => string = (toml) => toml) {
  const root = join(home, 'etc/plugins', name);
  cpSync(join(EXAMPLES, name), root, { recursive: true });
  const path = join(root, 'plugin.toml');
  writeFileSync(path, settings(readFileSync(path, 'utf8')));
}

const restarted = () => (existsSync(join(home, 'restarted')) ? readFileSync(join(home, 'restarted'), 'utf8') : '');

async function failuresOf(
  call: (options: { onProgress: ReturnType<typeof listener>['onProgress'] }) => Promise<unknown>,
) {
  const { events, onProgress } = listener();
  await call({ onProgress });
  return events.flatMap((event) => (event.type === 'failure' ? [event.message] : []));
}

describe('the example restart', () => {
  test('restarts an app whose variables changed, and no other', async () => {
    use('restart');
    await platform.add('shop', 'db');
    expect(await failuresOf((options) => platform.release('shop', options))).toEqual([]);
    expect(restarted()).toBe('restart -- app@shop.service\n');
    await platform.release('shop');
    await platform.release('blog');
    await platform.release('shop', { dryRun: true });
    expect(restarted()).toBe('restart -- app@shop.service\n');
    rmSync(join(platform.platform.addonData('db'), 'databases'), { recursive: true });
    await platform.release('shop').catch(() => {});
    expect(restarted()).toBe('restart -- app@shop.service\n');
  });

  test('takes the unit from its configuration, and says when the restart failed', async () => {
    use('restart', (toml) => toml.replace('app@%.service', '%-web'));
    writeFileSync(join(home, 'broken'), '');
    await platform.add('shop', 'db');
    expect(await failuresOf((options) => platform.release('shop', options))).toEqual([
      expect.stringMatching(/^post-release of the plugin restart failed: it ended with exit status 5/),
    ]);
    expect(restarted()).toBe('restart -- shop-web\n');
    expect(readFileSync(join(platform.platform.appDir('shop'), 'ENV'), 'utf8')).toContain('X_DB_URL');
  });
});

describe.skipIf(!needs('python3'))('the example webhook', () => {
  async function server(status = 200) {
    const posted: object[] = [];
    const listening = createServer(async (request, response) => {
      posted.push(JSON.parse(Buffer.concat(await collect(request)).toString()));
      response.writeHead(status).end();
    });
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void listening.close());
    const address = listening.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return { posted, url: `http://127.0.0.1:${address.port}/hook` };
  }

  test('tells a web server what was done', async () => {
    const { posted, url } = await server();
    use('webhook', (toml) => toml.replace('url = ""', `url = "${url}"`));
    const { id } = await platform.add('shop', 'db');
    await platform.release('shop');
    await platform.rename('shop', 'store');
    await platform.add('store', 'nosuch').catch(() => {});
    const nothing = { platform: 'x', error: null, changed: [], operation: null };
    expect(posted).toEqual([
      { ...nothing, trigger: 'post-add', words: ['shop', 'db'], outcome: 'done', operation: id?.slice('shop-'.length) },
      { ...nothing, trigger: 'post-release', words: ['shop'], outcome: 'done', changed: ['X_DB_URL'] },
      { ...nothing, trigger: 'app-rename', words: ['shop', 'store'], outcome: 'done' },
      { ...nothing, trigger: 'post-add', words: ['store', 'nosuch'], outcome: 'failed', error: 'addon-not-found' },
    ]);
  });

  test('whose server does not answer, or refuses, is reported', async () => {
    use('webhook');
    expect(await failuresOf((options) => platform.release('shop', options))).toEqual([
      expect.stringContaining('No url is set in plugin.toml.'),
    ]);
    const { url } = await server(503);
    use('webhook', (toml) => toml.replace('url = ""', `url = "${url}"`));
    expect(await failuresOf((options) => platform.release('shop', options))).toEqual([
      expect.stringContaining('The server did not take it: HTTP Error 503'),
    ]);
  });
});
