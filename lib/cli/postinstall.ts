import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { linkColonCommands } from './colon-links.ts';
import { packageRoot } from './package-root.ts';

/**
 * The project that a package was installed into, or undefined: installed globally, or the package's own checkout.
 *
 * @param root the package's directory
 */
export function installedInto(root: string, env: Record<string, string | undefined>): string | undefined {
  if (env.npm_config_global === 'true') return undefined;
  // pnpm keeps packages elsewhere and links them into the project: only the project's own .bin is on npx's way.
  if (env.INIT_CWD && sameDirectory(join(env.INIT_CWD, 'node_modules', basename(root)), root)) return env.INIT_CWD;
  const parent = dirname(root);
  return basename(parent) === 'node_modules' ? dirname(parent) : undefined;
}

/** Run by npm after an install: a failure here must not fail that. */
export function postinstall(root: string, env: Record<string, string | undefined>, tell: (line: string) => void): void {
  try {
    const project = installedInto(root, env);
    if (project !== undefined) linkColonCommands({ project, target: join(root, 'dist', 'cli.cjs') });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    tell(`paas-addons: npx addons:add will not work, npx addons add will: ${why}\n`);
  }
}

const sameDirectory = (a: string, b: string): boolean => existsSync(a) && realpathSync(a) === realpathSync(b);

/** Commands start faster from code that was compiled for this very Node; without it they start all the same. */
function storeCompiledCode(): void {
  try {
    createRequire(import.meta.url)('./cli.cjs').store();
  } catch {
    // installed by another user than the one who may write here
  }
}

// The bundle is what npm starts; a test only imports.
if (import.meta.url.endsWith('/postinstall.js')) {
  storeCompiledCode();
  postinstall(packageRoot(import.meta.url), process.env, (line) => process.stderr.write(line));
}
