// What the Dokku plugin adds to a deploy, beside an empty bash script and bare node.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, inTurn } from './measure.mjs';

const PLUGIN = new URL('../dist/dokku/addons', import.meta.url).pathname;

export async function dokku() {
  const built = spawnSync(process.execPath, [new URL('../scripts/build-dokku.mjs', import.meta.url).pathname]);
  if (built.status !== 0) throw new Error(`The plugin could not be built: ${built.stderr}`);
  const home = mkdtempSync(join(tmpdir(), 'dokku-bench-'));
  mkdirSync(join(home, 'data/addons/shop'), { recursive: true });
  writeFileSync(join(home, 'data/addons/shop/ADDONS'), '');
  const empty = join(home, 'empty');
  writeFileSync(empty, '#!/usr/bin/env bash\n', { mode: 0o755 });
  const env = { PATH: process.env.PATH, DOKKU_LIB_ROOT: home, PLUGIN_CORE_AVAILABLE_PATH: home };
  const took = await inTurn(50, {
    trigger: () => command(join(PLUGIN, 'builder-release'), ['herokuish', 'other', 'latest'], { env }),
    bash: () => command(empty, ['herokuish', 'other', 'latest'], { env }),
    node: () => command(process.execPath, ['-e', '0'], { env }),
    help: () => command(process.execPath, [join(PLUGIN, 'cli.cjs'), 'list', '--help'], { env }),
  });
  rmSync(home, { recursive: true });
  const ms = (value) => `${value.toFixed(1)} ms`;
  return [
    {
      what: 'a trigger of the Dokku plugin, for an app without add-ons',
      figures: `${ms(took.trigger)}; an empty bash script ${ms(took.bash)}: ${ms(took.trigger - took.bash)} more`,
      goal: 'at most 3 ms',
      met: took.trigger - took.bash <= 3,
      ...took,
    },
    {
      what: 'the program of the Dokku plugin, as a process',
      figures: `${ms(took.help)}; bare node ${ms(took.node)}: ${(took.help / took.node).toFixed(2)} ×`,
      ...took,
    },
  ];
}
