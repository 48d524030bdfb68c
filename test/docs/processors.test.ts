import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { chainOf, readProcessors } from '../../lib/addon/processors.ts';
import { readToml } from '../../lib/addon/toml.ts';
import { parseAnswer, parseHandshake } from '../../lib/rpc/protocol.ts';
import { collect } from '../operations/world.ts';
import { needs } from '../require.ts';
import { type Installed, install } from './installed.ts';
import { blocksOf, page } from './pages.ts';
import { normal, walkThrough } from './walkthrough.ts';

const text = page('docs/processors.md');
const blocks = blocksOf(text);
const lines = (language: string) =>
  blocks.filter((block) => block.language === language).map((block) => block.lines.join('\n'));

let place: Installed;
let home: string;
const addons = (words: string) => place.type(`addons ${words}`, { ADDONS_HOME: home, HOME: home });

beforeAll(async () => {
  place = await install();
  home = mkdtempSync(join(place.dir, 'home-'));
  mkdirSync(join(home, 'apps/shop'), { recursive: true });
  for (const words of ['enable db', 'add shop db', 'release shop']) expect((await addons(words)).status).toBe(0);
});
afterAll(() => place?.remove());

test('what the page shows is what one sees, with the processor that it makes', async () => {
  const steps = await walkThrough(
    place,
    blocks.filter(({ language }) => ['sh', 'console'].includes(language)),
    home,
  );
  expect(steps.length).toBe(5);
  expect(steps.map(({ command, seen }) => `${command}\n${normal(seen)}`)).toEqual(
    steps.map(({ command, shown }) => `${command}\n${normal(shown)}`),
  );
});

describe('the processor', () => {
  function use(name: string, program: string, settings = '') {
    const directory = join(home, 'etc/processors');
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, `addons-processor-${name}`), program);
    chmodSync(join(directory, `addons-processor-${name}`), 0o755);
    writeFileSync(join(home, 'etc/addons.toml'), `[processors.${name}]\n${settings}\n`);
  }
  const source = join(import.meta.dirname, '../../addons/db/url');
  beforeAll(() => cpSync(source, join(home, 'lib/add-ons/db/url'))); // it was spoiled above

  test.skipIf(!needs('python3'))('in Python posts every execution', async () => {
    const posted: { action: string }[] = [];
    const server = createServer(async (request, response) => {
      posted.push(JSON.parse(Buffer.concat(await collect(request)).toString()));
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    use('webhook', lines('python')[0] ?? '', `url = "http://127.0.0.1:${port}"`);
    const { status, output } = await addons('release shop');
    expect([status, output]).toEqual([0, 'shop is up to date.\n']);
    expect(posted).toMatchObject([{ action: 'url', app: 'shop', exit: 0 }]);
  });

  test('in Node shortens what the history keeps, wherever serve() comes from', async () => {
    const [program = ''] = lines('js');
    for (const from of ["'paas-addons/serve'", 'process.env.ADDONS_SERVE']) {
      use(
        'short',
        program.replace("'paas-addons/serve'", from).replace(/^#!.*/, `#!${process.execPath}`),
        'characters = 9',
      );
      expect(await addons('release shop')).toEqual({ status: 0, output: 'shop is up to date.\n' });
      const { output } = await addons('executions --last 1 --json');
      expect(JSON.parse(output).result.executions).toMatchObject([{ action: 'url', output: 'sqlite://' }]);
    }
  });
});

test('its settings are a chain', () => {
  const chain = chainOf([readProcessors(readToml(lines('toml')[0] ?? '', 'addon.toml'))]);
  expect(chain.map(({ name, forward, config }) => [name, forward, config])).toEqual([
    ['syslog', false, { facility: 'daemon' }],
    ['files', true, { keep: 50 }],
    ['history', false, {}],
  ]);
});

test('its messages are those of the protocol', () => {
  const [handshake = '', answer = '', call = '', unchanged = '', refused = ''] = (lines('json')[0] ?? '').split('\n');
  for (const line of [handshake, call]) expect(line).toMatch(/^\{"jsonrpc":"2\.0","id":\d,"method":"\w+","params":\{/);
  const parsed = parseAnswer(answer);
  expect(parsed && 'result' in parsed && parseHandshake(parsed.result)).toEqual(JSON.parse(handshake).params);
  expect(parseAnswer(unchanged)).toEqual({ id: 2, result: null });
  expect(parseAnswer(refused)).toMatchObject({ error: { code: -32000 } });
  for (const field of Object.keys(JSON.parse(call).params.execution)) expect(text).toContain(`\`${field}\``);
});
