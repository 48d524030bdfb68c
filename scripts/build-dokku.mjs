// Builds dist/dokku/addons, the Dokku plugin as a tree of its own, and dist/dokku-addons.tgz of it. The program is one file.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { commonjs, noSignalHandlers, notices, options, version } from './bundle.mjs';

const { names, helpLines } = await commands();
const building = mkdtempSync('.dist-dokku-');
const tree = join(building, 'addons');
cpSync('dokku', tree, { recursive: true });
writeFileSync(
  join(tree, 'plugin.toml'),
  readFileSync('dokku/plugin.toml', 'utf8').replace(/^version = .*$/m, `version = "${version}"`),
);
writeFileSync(join(tree, 'help.txt'), helpLines);
mkdirSync(join(tree, 'subcommands'));
// Files and no links: Dokku and npm both lose those.
for (const name of names) script(join(tree, 'subcommands', name === 'list' ? 'default' : name), name);
const { metafile } = await build({
  ...options,
  ...commonjs,
  outdir: tree,
  entryPoints: { main: 'lib/dokku/main.ts' },
  plugins: [noSignalHandlers, onlyOffered()],
});
// What add-ons and processors in Node load.
await build({ ...options, outdir: tree, entryPoints: { serve: 'lib/rpc/serve.ts' }, format: 'esm' });
cpSync('lib/cli/launch.cjs', join(tree, 'cli.cjs')); // starts it from compiled code, which install stores
writeFileSync(join(tree, 'THIRD-PARTY-LICENSES.txt'), notices(Object.keys(metafile.inputs)));
cpSync('LICENSE', join(tree, 'LICENSE'));
cpSync('addons', join(tree, 'add-ons'), { recursive: true });
packages();
refuseStrayCommands();
chmodSync(tree, 0o755);

mkdirSync('dist', { recursive: true });
rmSync('dist/dokku', { recursive: true, force: true });
renameSync(building, 'dist/dokku');
chmodSync('dist/dokku', 0o755);
// Its root is the plugin's: that is how Dokku unpacks it.
const reproducible = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0'];
execFileSync('tar', ['-I', 'gzip -n', '-cf', 'dist/dokku-addons.tgz', ...reproducible, '-C', 'dist/dokku/addons', '.']);

function script(path, name) {
  writeFileSync(
    path,
    `#!/usr/bin/env bash
set -eo pipefail; [[ $DOKKU_TRACE ]] && set -x
source "\${BASH_SOURCE[0]%/*}/../internal-functions"
addons_command ${name} "$@"
`,
  );
  chmodSync(path, 0o755);
}

/** Commands that the plugin does not have are not packed, nor what only they use. */
function onlyOffered() {
  return {
    name: 'only-offered',
    setup({ onResolve }) {
      onResolve({ filter: /^\.\.\/commands\/[\w-]+\.ts$/ }, ({ path, kind, importer }) => {
        const offered = [...names, 'cronwrap'].includes(basename(path, '.ts')); // the crontab calls it
        const isEntry = kind === 'dynamic-import' && importer.includes('/command-groups/');
        return isEntry && !offered ? { path, external: true } : undefined;
      });
    },
  };
}

/** What root needs to install the packages of the server add-ons. */
function packages() {
  for (const addon of readdirSync('addons')) {
    if (!existsSync(join('addons', addon, 'packages.sh'))) continue;
    for (const file of ['packages.sh', 'server/base.sh', 'server/packages.sh'])
      cpSync(join('addons', addon, file), join(tree, 'packages', addon, file));
  }
}

/** Dokku runs every file of that name that it finds below its plugins. */
function refuseStrayCommands() {
  const stray = readdirSync(tree, { recursive: true }).filter((path) => basename(path) === 'commands');
  if (stray.length !== 1) throw new Error(`Only one file may be called "commands": ${stray.join(', ')}`);
}

async function commands() {
  const { outputFiles } = await build({
    stdin: { contents: "export { helpLines, names } from './lib/dokku/help-lines.ts'", resolveDir: process.cwd() },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    plugins: [
      {
        name: 'table-only',
        setup({ onResolve }) {
          onResolve({ filter: /./ }, ({ path, kind }) =>
            kind === 'dynamic-import' ? { path, external: true } : undefined,
          );
        },
      },
    ],
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
