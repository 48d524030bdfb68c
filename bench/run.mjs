// npm run bench [-- NAME…]: every figure of the README, as a table and as bench/results/latest.json.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { dokku } from './dokku.mjs';
import * as scenarios from './scenarios.mjs';
import { servers } from './servers.mjs';

const wanted = process.argv.slice(2);
const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  kernel: release(),
  node: process.version,
};
console.log(`${machine.cores} × ${machine.cpu}, ${machine.memory}, Linux ${machine.kernel}, Node ${machine.node}\n`);
const rows = [];
for (const [name, scenario] of Object.entries({ ...scenarios, servers, dokku })) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const row of await scenario()) {
    rows.push({ scenario: name, ...row });
    console.log(
      `${row.what}\n    ${row.figures}\n    ${row.goal === undefined ? '' : `goal ${row.goal}: ${row.met ? 'met' : 'MISSED'}`}`,
    );
  }
}
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url)));
const folder = new URL('results/', import.meta.url).pathname;
mkdirSync(folder, { recursive: true });
writeFileSync(
  join(folder, 'latest.json'),
  `${JSON.stringify({ version, date: new Date().toISOString(), machine, rows }, null, 2)}\n`,
);
