// Builds dist/: the library (ESM) and the CLI (CommonJS, which Node starts 20 ms faster), each one file with its
// dependencies inside; serve(), small, for add-ons and processors; some dependencies in files of their own, for the
// commands that need them; and the types.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
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
import {
  commonjs,
  noSignalHandlers,
  notices,
  ON_DEMAND,
  onDemand,
  require,
  options as shared,
  version,
  withoutTwins,
} from './scripts/bundle.mjs';

const target = mkdtempSync('.dist-'); // renamed at the end: somebody may be running the old one
const options = { ...shared, outdir: target };
// Some want the table of commands only.
const withoutCommands = {
  name: 'without-commands',
  setup({ onResolve }) {
    onResolve({ filter: /\/commands\// }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
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
