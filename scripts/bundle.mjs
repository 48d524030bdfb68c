// What the bundles have in common: those of the package, and that of the Dokku plugin.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** Dependencies in files of their own, for the commands that need them. */
export const ON_DEMAND = ['commander', 'execa', 'fs-extra', 'pg'];

export const options = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  minify: true,
  mainFields: ['module', 'main'], // what Node would take of jsonc-parser cannot be bundled
  legalComments: 'none', // THIRD-PARTY-LICENSES.txt has them all
  define: { ADDONS_VERSION: JSON.stringify(version) },
  metafile: true,
};
// CommonJS dependencies ask for Node's own modules with require().
export const require = "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);";
export const commonjs = {
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  banner: { js: "const __url=require('node:url').pathToFileURL(__filename).href;" },
  define: { ...options.define, 'import.meta.url': '__url' },
  supported: { 'dynamic-import': false }, // code from V8's cache cannot use it
};
export const onDemand = {
  name: 'on-demand',
  setup({ onResolve }) {
    onResolve({ filter: new RegExp(`^(${ON_DEMAND.join('|')})$`) }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path: `./${path}.cjs`, external: true } : undefined,
    );
  },
};
// proper-lockfile would listen to the host's signals to remove its directories; ours are freed when their owner is dead.
export const noSignalHandlers = {
  name: 'no-signal-handlers',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^signal-exit$/ }, ({ importer }) =>
      importer.includes('proper-lockfile') ? { path: 'signal-exit', namespace: 'silent' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'silent' }, () => ({ contents: 'module.exports = () => () => {};' }));
  },
};
// pg can do without its native twin, and knows that other platform by itself.
export const withoutTwins = {
  name: 'without-twins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(pg-native|pg-cloudflare)$/ }, ({ path }) => ({ path, namespace: 'left-out' }));
    onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** The licences of what went into bundles. */
export function notices(inputs) {
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
