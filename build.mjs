// Builds dist/: the library (ESM) and the CLI (CommonJS, which Node starts 20 ms faster), each one file with its
// dependencies inside; serve(), small, for add-ons and processors; some dependencies in files of their own, for the
// commands that need them; and the types.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';

const ON_DEMAND = ['commander', 'execa', 'fs-extra', 'pg'];
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const target = mkdtempSync('.dist-'); // renamed at the end: somebody may be running the old one
const options = {
  outdir: target,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  minify: true,
  mainFields: ['module', 'main'], // what Node would take of jsonc-parser cannot be bundled
  legalComments: 'none', // THIRD-PARTY-LICENSES.txt has them all
  define: { ADDONS_VERSION: JSON.stringify(version) },
  metafile: true,
};
// Some want the table of commands only.
const withoutCommands = {
  name: 'without-commands',
  setup({ onResolve }) {
    onResolve({ filter: /\/commands\// }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
  },
};
// CommonJS dependencies ask for Node's own modules with require().
const require = "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);";
const commonjs = {
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  banner: { js: "const __url=require('node:url').pathToFileURL(__filename).href;" },
  define: { ...options.define, 'import.meta.url': '__url' },
  supported: { 'dynamic-import': false }, // code from V8's cache cannot use it
};
const onDemand = {
  name: 'on-demand',
  setup({ onResolve }) {
    onResolve({ filter: new RegExp(`^(${ON_DEMAND.join('|')})$`) }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path: `./${path}.cjs`, external: true } : undefined,
    );
  },
};
// proper-lockfile would listen to the host's signals to remove its directories; ours are freed when their owner is dead.
const noSignalHandlers = {
  name: 'no-signal-handlers',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^signal-exit$/ }, ({ importer }) =>
      importer.includes('proper-lockfile') ? { path: 'signal-exit', namespace: 'silent' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'silent' }, () => ({ contents: 'module.exports = () => () => {};' }));
  },
};
// pg can do without its native twin, and knows that other platform by itself.
const withoutTwins = {
  name: 'without-twins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(pg-native|pg-cloudflare)$/ }, ({ path }) => ({ path, namespace: 'left-out' }));
    onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
  },
};
const builds = await Promise.all([
  build({
    ...options,
    entryPoints: { index: 'lib/index.ts', serve: 'lib/rpc/serve.ts', postinstall: 'lib/cli/postinstall.ts' },
    format: 'esm',
    banner: { js: require },
    plugins: [onDemand, noSignalHandlers, withoutCommands],
  }),
  build({ ...options, ...commonjs, entryPoints: { main: 'lib/cli/main.ts' }, plugins: [onDemand, noSignalHandlers] }),
  build({ ...options, ...commonjs, entryPoints: ON_DEMAND, plugins: [withoutTwins] }),
]);
copyFileSync('lib/cli/launch.cjs', join(target, 'cli.cjs'));
chmodSync(join(target, 'cli.cjs'), 0o755);
createRequire(import.meta.url)(`./${target}/cli.cjs`).store();
writeFileSync(
  join(target, 'THIRD-PARTY-LICENSES.txt'),
  notices(builds.flatMap(({ metafile }) => Object.keys(metafile.inputs))),
);
mkdirSync(join(target, 'man'));
for (const [name, page] of await manPages()) writeFileSync(join(target, 'man', name), page);
const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json', '--outDir', join(target, 'types')];
execFileSync(process.execPath, tsc, { stdio: 'inherit' });
chmodSync(target, 0o755);
rmSync('dist', { recursive: true, force: true });
renameSync(target, 'dist');

/** From the command table and docs/cli.md; dated by the release, and before it by the build. */
async function manPages() {
  const entryPoints = ['lib/cli/man/pages.ts'];
  const { outputFiles } = await build({
    entryPoints,
    bundle: true,
    write: false,
    format: 'esm',
    plugins: [withoutCommands],
  });
  const code = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
  const released = new RegExp(`^## \\[${version}\\] - (\\S+)`, 'm').exec(readFileSync('CHANGELOG.md', 'utf8'))?.[1];
  const now = new Date(process.env.SOURCE_DATE_EPOCH ? process.env.SOURCE_DATE_EPOCH * 1000 : Date.now());
  const date = released ?? now.toISOString().slice(0, 10);
  return code.manPages({ docs: readFileSync('docs/cli.md', 'utf8'), version, date });
}

function notices(inputs) {
  const roots = new Set();
  for (const input of inputs) {
    const parts = input.split('/');
    const at = parts.lastIndexOf('node_modules');
    if (at >= 0) roots.add(parts.slice(0, at + (parts[at + 1].startsWith('@') ? 3 : 2)).join('/'));
  }
  return [...roots]
    .sort()
    .map(notice)
    .join(`\n${'-'.repeat(72)}\n`);
}

function notice(root) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const file = ['LICENSE', 'LICENSE.md', 'license', 'LICENCE', 'LICENSE.txt', 'License']
    .map((one) => join(root, one))
    .find(existsSync);
  const text = file === undefined ? licenceInReadme(root) : readFileSync(file, 'utf8');
  if (!text?.trim()) throw new Error(`${root} has no licence file to pass on.`);
  return `${name} ${version} (${license})\n\n${text.trim()}\n`;
}

/** Some packages (pg-types, pgpass) have theirs as the last section there. */
function licenceInReadme(root) {
  return /^#+ licen[cs]e\s*$(.*)/ims.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1];
}
