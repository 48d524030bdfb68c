import { expect, test } from 'vitest';
import { type } from '../fixtures/type.ts';

test('addons processors shows where executions go, and what cannot be used', async () => {
  const seen = await type(['processors']);
  expect(seen).toMatchObject({
    status: 0,
    stderr: ' !     /etc/x/processors/addons-processor-spare is not executable\n',
  });
  expect(seen.stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['PROCESSOR', 'WHERE', 'ADD-ONS'],
    ['history', 'built in', 'db, redis'],
    ['mail', '/etc/x/processors/addons-processor-mail', 'db'],
    ['spare', '/etc/x/processors/addons-processor-spare', '-'],
    [''],
  ]);
});

test('addons processors fails where one that is named cannot be used', async () => {
  const missing = { name: 'sylsog', builtIn: false, addons: ['db'], problem: 'is not there. Did you mean "syslog"?' };
  const seen = await type(['processors'], {
    addons: { processors: async () => ({ processors: [missing], problems: [] }) },
  });
  expect(seen).toMatchObject({
    status: 1,
    stderr: ' !     The processor sylsog is not there. Did you mean "syslog"?\n',
  });
  const problems = ['addon.toml has a processor log that is no section.'];
  const malformed = await type(['processors'], { addons: { processors: async () => ({ processors: [], problems }) } });
  expect(malformed).toMatchObject({ status: 1, stderr: ' !     addon.toml has a processor log that is no section.\n' });
});
