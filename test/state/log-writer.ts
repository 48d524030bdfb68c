// A process that writes to the operations log: `log-writer <home> <name> <lines> <limit>`.
import { describePlatform } from '../../lib/platform.ts';
import { nodeDisk } from '../../lib/state/disk.ts';
import { appendLogLine } from '../../lib/state/operations-log.ts';
import { openStore } from '../../lib/state/store.ts';

const [home = '', name = '', lines = '', limit = ''] = process.argv.slice(2);
const store = openStore(describePlatform({ home }), nodeDisk);
for (let i = 0; i < Number(lines); i++) {
  // Of many lengths: two that got into each other would show.
  const line = JSON.stringify({ name, i, padding: name.repeat((i * 37) % 400) });
  await appendLogLine(store, line, Number(limit));
}
