import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writePlugin } from '../plugins/plugin-files.ts';
import { platform } from './world.ts';

it('tells of processors that cannot be used, and of plugins that are not run', async () => {
  const { addons, enable } = platform();
  const { etcRoot, settings, processors } = addons.platform;
  await enable('vault');
  mkdirSync(processors, { recursive: true });
  expect((await addons.check()).findings).toEqual([]);
  writeFileSync(settings, '[processors.sylsog]\n[processors.Bad]\n');
  writeFileSync(join(processors, 'addons-processor-unused'), ''); // nobody names it
  const hello = writePlugin(join(etcRoot, 'plugins/hello'), { 'pre-add': '', commands: '', 'post-remove': '' });
  chmodSync(join(hello, 'pre-add'), 0o777);
  chmodSync(join(hello, 'post-remove'), 0o644);
  writePlugin(join(etcRoot, 'plugins/odd'), { 'plugin.toml': 'x = 1' });
  const { findings } = await addons.check();
  expect(findings.map(({ kind, severity, message }) => [kind, severity, message])).toEqual([
    ['processor', 'warning', 'The processor sylsog is not there. Did you mean "syslog"?'],
    ['processor', 'warning', expect.stringContaining('addons.toml, line 2, has a processor of the name "Bad"')],
    ['plugin', 'warning', expect.stringMatching(/pre-add is not run: others may write to .*pre-add \(mode 777\)\.$/)],
    ['plugin', 'warning', expect.stringMatching(/post-remove is not executable\. Run: chmod \+x /)],
    ['plugin', 'warning', expect.stringMatching(/^The plugin odd is not run: .*plugin\.description/)],
  ]);
});
