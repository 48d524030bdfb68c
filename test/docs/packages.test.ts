import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../require.ts';
import { type Installed, install } from './installed.ts';
import { blocksOf, page } from './pages.ts';

// What docs/packages.md shows is typed here, word for word, below a temporary directory instead of /tmp/walk.

let place: Installed;
let walk: string;
beforeAll(async () => {
  place = await install();
  walk = mkdtempSync(join(place.dir, 'walk-'));
});
afterAll(() => place?.remove()); // not there if the build failed

interface Step {
  command: string;
  output: string;
}

const steps = blocksOf(page('docs/packages.md'))
  .filter(({ language }) => language === 'console')
  .flatMap(({ lines }) => {
    const found: Step[] = [];
    for (const line of lines) {
      const last = found.at(-1);
      if (line.startsWith('$ ')) found.push({ command: line.slice(2), output: '' });
      else if (last) last.output += `${line}\n`;
    }
    return found;
  });

/** An id is another one each time, a column is as wide as what stands in it, and zlib may compress otherwise. */
const normal = (text: string): string =>
  text
    .replaceAll(walk, '/tmp/walk')
    .replace(/shop-[0-9a-z]{16,}/g, 'shop-id')
    .replace(/[\d,]+ bytes\)/g, 'n bytes)')
    .replace(/ +/g, ' ');

test('the walk-through does what the page shows', async () => {
  const env: Record<string, string> = {};
  expect(steps.length).toBeGreaterThan(20);
  for (const { command, output } of steps) {
    const line = command.replaceAll('/tmp/walk', walk);
    const [, name, value] = /^export (\w+)=(\S+)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) env[name] = value;
    const shown = await place.type(line, env);
    expect(normal(shown.output), command).toBe(normal(output));
    expect(shown.status, command).toBe(0);
  }
});

describe.skipIf(!needs('root', 'unshare'))('(as root) without network', () => {
  test('a package with dependencies is installed, updated and used', async () => {
    const home = join(walk, 'offline');
    mkdirSync(join(home, 'apps/shop'), { recursive: true });
    const root = join(walk, 'offline-source', 'vault');
    const make = `
      addons new ${root} --template node
      mkdir -p ${root}/node_modules/greeter
      echo '{"name":"vault","type":"module","dependencies":{"greeter":"1"}}' >${root}/package.json
      echo '{"name":"greeter","version":"1.0.0","main":"index.js"}' >${root}/node_modules/greeter/package.json
      echo 'module.exports = "greeted"' >${root}/node_modules/greeter/index.js
      echo '{"lockfileVersion":3,"packages":{}}' >${root}/package-lock.json
      hash() { node -e 'const f=require("fs");process.stdout.write(require("crypto").createHash("sha256").update(JSON.stringify([f.readFileSync("package.json","utf8"),f.readFileSync("package-lock.json","utf8")])).digest("hex"))'; }
      (cd ${root} && hash >node_modules/.addon-frozen)
      addons pack ${root} -o ${walk}/offline.addon --quiet
      rm -r ${root}`;
    expect(await place.type(make, { ADDONS_HOME: home })).toMatchObject({ status: 0 });
    const use = `
      addons install ${walk}/offline.addon --quiet && addons install ${walk}/offline.addon --as queue --force --quiet &&
      addons enable vault --quiet && addons add shop vault --quiet && addons release shop --quiet &&
      addons run vault -- node -p "require('greeter')" && cat /proc/net/dev`;
    const seen = await place.type(`unshare -n sh -c '${use.replaceAll("'", String.raw`'\''`)}'`, { ADDONS_HOME: home });
    expect(seen.output).toContain('greeted\n');
    expect(seen.output.match(/^ *\w+:/gm)).toEqual(['    lo:']);
    expect(seen.status).toBe(0);
    expect(readFileSync(join(home, 'apps/shop/ENV'), 'utf8')).toContain('X_VAULT_URL=');
  });
});
