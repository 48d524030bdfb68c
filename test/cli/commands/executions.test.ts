import { describe, expect, test } from 'vitest';
import { fakeAddons } from '../fixtures/fake-addons.ts';
import { type } from '../fixtures/type.ts';

describe('addons executions', () => {
  test('is a table: what was run, for whom, and how it ended', async () => {
    const { status, stdout } = await type(['executions']);
    expect(status).toBe(0);
    const rows = stdout.split('\n').map((line) => line.split(/ {2,}/).slice(1));
    expect(rows).toEqual([
      ['ADD-ON', 'SCRIPT', 'APP', 'END', 'TIME', 'ID'],
      ['db', 'provision', 'shop', 'exit 0', '0.3 s', 'mwpjbfg26e1d-1'],
      ['db', 'health', '-', 'SIGTERM, too slow', '30.0 s', 'mwpjbfg26e1e'],
      [],
    ]);
  });

  test('of one shows what it wrote, with control characters spelled out', async () => {
    const executions = async () => (await fakeAddons([]).executions()).slice(1);
    const { stdout } = await type(['executions', 'mwpjbfg26e1e'], { addons: { executions } });
    expect(stdout).toMatch(/ {2}health of db {2}SIGTERM, too slow {2}30\.0 s\nno\\x1b\[31m answer\n$/);
  });

  test('asks for what is wanted', async () => {
    const asked: unknown[] = [];
    const executions = async (about?: object) => {
      asked.push(about);
      return [];
    };
    const words = ['executions', '--add-on', 'db', '--app', 'shop', '--failed', '--last', '7'];
    expect(await type(words, { addons: { executions } })).toMatchObject({
      status: 0,
      stderr: '       Nothing failed.\n',
    });
    expect((await type(['executions'], { addons: { executions } })).stderr).toBe('       No script was run.\n');
    expect(asked).toEqual([
      { addon: 'db', app: 'shop', failed: true, id: undefined, last: 7 },
      { addon: undefined, app: undefined, failed: undefined, id: undefined, last: 50 },
    ]);
  });

  test('of an id that is not there is an error, and so is a number that is none', async () => {
    const executions = async () => [];
    expect(await type(['executions', 'nosuch'], { addons: { executions } })).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('The history holds no execution "nosuch".'),
    });
    expect((await type(['executions', '--last', 'many'])).status).toBe(2);
  });
});
