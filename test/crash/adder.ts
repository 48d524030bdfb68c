// A process that adds until everything it was given is there: `adder.mjs <job as JSON>`. It is killed now and then.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPlatform, type PlatformOptions } from '../../lib/open-platform.ts';
import { describe } from './driver.ts';

export interface AdderJob {
  platform: Omit<PlatformOptions, 'disk'>;
  pairs: [app: string, addon: string][];
}

const { platform: paths, pairs }: AdderJob = JSON.parse(process.argv[2] ?? '');
const platform = openPlatform(paths);

const exit = (why: string): never => {
  writeFileSync(2, why);
  process.exit(1);
};

let open = pairs;
while (open.length > 0) {
  const failed: typeof pairs = [];
  for (const [app, addon] of open) {
    if (isThere(app, addon)) continue;
    try {
      const { outcome } = await platform.add(app, addon, { wait: 20 });
      if (outcome === 'done' && Math.random() < 0.1) await platform.release(app, { wait: 20 });
    } catch (error) {
      const { ours, code, message } = describe(error);
      // A rival's script was killed under our hands, or it held on for long: that is for the next round.
      if (!ours || !['busy', 'script-failed', 'release-failed'].includes(code))
        exit(`${app} ${addon}: ${code} ${message}`);
      failed.push([app, addon]);
    }
  }
  open = failed;
}

/** Every new process begins with the first pair: it should not lose its short life with those that are done. */
function isThere(app: string, addon: string): boolean {
  const file = join(platform.platform.appDir(app), 'ADDONS');
  return existsSync(file) && readFileSync(file, 'utf8').includes(`${addon};`);
}
