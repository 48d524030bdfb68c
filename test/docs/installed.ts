import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './pages.ts';

/** A directory in which the package is installed, so that what the pages show can be typed there. */
export interface Installed {
  dir: string;
  /** Runs a line of shell there, `addons` being ours; stdout and stderr come together, as on a terminal. */
  type(line: string, env?: Record<string, string>): Promise<{ status: number; output: string }>;
  remove(): void;
}

/** Built apart from `dist/`, which others may be rebuilding at the moment. */
export async function install(): Promise<Installed> {
  const dir = mkdtempSync(join(tmpdir(), 'docs-'));
  try {
    return await installIn(dir);
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

async function installIn(dir: string): Promise<Installed> {
  const root = join(dir, 'node_modules', 'paas-addons');
  await build({
    absWorkingDir: ROOT,
    entryPoints: { index: 'lib/index.ts', serve: 'lib/rpc/serve.ts', cli: 'lib/cli/main.ts' },
    outdir: join(root, 'dist'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    logLevel: 'silent',
  });
  for (const name of ['addons', 'templates']) cpSync(join(ROOT, name), join(root, name), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(root, 'package.json'));
  const bin = join(dir, 'node_modules', '.bin');
  mkdirSync(bin);
  chmodSync(join(root, 'dist', 'cli.js'), 0o755);
  symlinkSync('../paas-addons/dist/cli.js', join(bin, 'addons'));
  return {
    dir,
    type: (line, env = {}) =>
      new Promise((resolve) => {
        execFile(
          '/bin/bash',
          ['-c', `{ ${line}\n} 2>&1`],
          { cwd: dir, env: { HOME: dir, PATH: `${bin}:${process.env.PATH}`, ...env } },
          (error, output) => resolve({ status: error ? Number(error.code) : 0, output }),
        );
      }),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
