import { describe, expect, test } from 'vitest';
import { type } from '../fixtures/type.ts';

describe('dump', () => {
  test('to a pipe: nothing but the data on stdout', async () => {
    const seen = await type(['dump', 'shop', 'db']);
    expect(seen).toMatchObject({ status: 0, stdout: '', stderr: '', calls: ['dump shop db to 1'] });
  });

  test('to a file', async () => {
    const seen = await type(['dump', 'shop', 'db', '-o', 'a.dump'], { cwd: '/project' });
    expect(seen.calls).toEqual(['dump shop db to /project/a.dump']);
    expect(seen.stdout).toBe('Dumped db of shop to /project/a.dump (12 bytes).\n');
  });

  test('not to a terminal, and not beside JSON', async () => {
    expect(await type(['dump', 'shop', 'db'], { terminal: true })).toMatchObject({ status: 2, calls: [] });
    expect(await type(['dump', 'shop', 'db', '--json'])).toMatchObject({ status: 2, calls: [] });
  });
});

describe('restore', () => {
  test('asks for the app before it overwrites', async () => {
    const seen = await type(['restore', 'shop', 'db', 'a.dump'], { terminal: true, input: 'shop\n', cwd: '/project' });
    expect(seen.stderr).toContain('overwrites:\n       - all data that db holds for shop now');
    expect(seen.calls).toEqual(['restore shop db from /project/a.dump (dry)', 'restore shop db from /project/a.dump']);
    expect(seen.stdout).toBe('Restored db of shop.\n');
  });

  test('data on stdin: nobody can be asked, so it must be forced', async () => {
    const refused = await type(['restore', 'shop', 'db'], { input: 'data' });
    expect(refused.status).toBe(4);
    expect(refused.stderr).toContain('addons restore --force shop db');
    expect(refused.calls).toEqual(['restore shop db from 0 (dry)']);
    expect((await type(['restore', 'shop', 'db', '--force'], { input: 'data' })).calls).toEqual([
      'restore shop db from 0',
    ]);
  });

  test('no data at all', async () => {
    expect(await type(['restore', 'shop', 'db'], { terminal: true })).toMatchObject({ status: 2, calls: [] });
  });
});
