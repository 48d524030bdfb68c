import { createHash } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AddonsError, fromSystem } from '../errors.ts';
import {
  type Dependencies,
  dependenciesOf,
  frozenHash,
  isBuilt,
  isOption,
  NPM,
  PIP,
  requirementsIn,
  stampOf,
  textIn,
} from '../packages/dependencies.ts';
import { hasScript, locateScript } from '../scripts/locate.ts';
import { readRegularFile, replaceFile } from '../state/atomic-file.ts';
import { buildEnvironment, runTool } from './build-tool.ts';
import type { Context } from './context.ts';
import { findDirectory } from './own-directory.ts';
import type { BuildResult, CleanResult } from './results.ts';

/**
 * Builds what an add-on's directory needs besides its own files: the dependencies of npm and pip as they are frozen, then what
 * its `build` hook makes. Touches nothing of the platform.
 *
 * @throws {AddonsError} `addon-not-found`, `malformed`; `script-failed` with what the tool said: what was half built is gone then
 */
export async function build(context: Context, directory: string): Promise<BuildResult> {
  const root = findDirectory(directory);
  const stale = dependenciesOf(root).filter((one) => !isBuilt(root, one));
  const hook = hasScript(root, 'build') ? ['build'] : [];
  const result = { directory: root, built: [...stale.map(({ kind }) => kind), ...hook] };
  const steps = [
    ...stale.map(({ built, frozen }) => `make ${join(root, built)} as ${frozen} says`),
    ...hook.map(() => `run ${join(root, 'build')}`),
  ];
  if (result.built.length === 0) return { ...result, outcome: 'unchanged', steps: [] };
  if (context.dryRun) return { ...result, outcome: 'planned', steps };
  for (const one of stale) await buildWith(context, root, one);
  if (hook.length > 0) await runHook(context, root, 'build');
  return { ...result, outcome: 'done', steps: [] };
}

/**
 * Removes what `build` made, by the add-on's `clean` hook, too.
 *
 * @param deps also the frozen versions, where they can be made again
 */
export async function clean(context: Context, directory: string, deps = false): Promise<CleanResult> {
  const root = findDirectory(directory);
  const built = [NPM, PIP].map((one) => one.built);
  const frozen = [NPM, PIP].filter(({ wanted }) => deps && textIn(root, wanted) !== '').map((one) => one.frozen);
  const removed = [...built, ...frozen].filter((name) => existsSync(join(root, name)));
  const hook = hasScript(root, 'clean');
  const steps = [
    ...(hook ? [`run ${join(root, 'clean')}`] : []),
    ...removed.map((name) => `remove ${join(root, name)}`),
  ];
  if (steps.length === 0) return { directory: root, outcome: 'unchanged', removed, steps };
  if (context.dryRun) return { directory: root, outcome: 'planned', removed, steps };
  if (hook) await runHook(context, root, 'clean');
  for (const name of removed) remove(join(root, name));
  return { directory: root, outcome: 'done', removed, steps: [] };
}

async function buildWith(context: Context, root: string, dependencies: Dependencies): Promise<void> {
  const target = join(root, dependencies.built);
  context.tell({ type: 'step', message: `Building ${dependencies.built} of ${basename(root)}` });
  remove(target);
  try {
    await (dependencies.kind === 'npm' ? installPackages(context, root) : installRequirements(context, root, target));
    writeFileSync(join(root, stampOf(dependencies)), `${frozenHash(root, dependencies)}\n`);
  } catch (error) {
    remove(target);
    throw fromSystem(error, target);
  }
}

async function installPackages(context: Context, root: string): Promise<void> {
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier'];
  if (textIn(root, NPM.frozen) === '') {
    await npm(context, root, ['install', '--package-lock-only', ...quiet]);
    frozen(context, join(root, NPM.frozen));
  }
  await npm(context, root, ['ci', '--omit=dev', ...quiet]);
}

const npm = (context: Context, root: string, args: string[]) =>
  runTool(context, { name: 'npm', path: '/usr/bin/env', args: ['npm', ...args], root, timeout: BUILD_TIME });

/** What was frozen from other wishes is frozen anew. */
async function installRequirements(context: Context, root: string, target: string): Promise<void> {
  const [wanted, now] = [textIn(root, PIP.wanted), textIn(root, PIP.frozen)];
  const heading = headingOf(wanted);
  const isFrozen = now !== '' && (wanted === '' || !now.startsWith(OURS) || now.startsWith(heading));
  if (isFrozen) refuseLoose(root, now);
  await pip(context, root, ['install', '--target', target, ...FLAGS, '-r', isFrozen ? PIP.frozen : PIP.wanted]);
  const found = (await pip(context, root, ['freeze', '--path', target, '--disable-pip-version-check'])).trim();
  if (isFrozen) return refuseUnlisted(root, now, found);
  const options = requirementsIn(wanted).flatMap(({ text }) => (isOption(text) ? [text] : []));
  const path = join(root, PIP.frozen);
  const text = `${[heading, ...options, found].join('\n')}\n`;
  await replaceFile(context.store.disk, path, text, readRegularFile(path), undefined);
  frozen(context, path);
}

/** No compiled files: they hold times, and make another package of the same content. */
const FLAGS = ['--no-compile', '--no-input', '--disable-pip-version-check', '--no-warn-script-location'];
const BUILD_TIME = 3600; // seconds

const pip = (context: Context, root: string, args: string[]) =>
  runTool(context, {
    name: 'pip',
    path: '/usr/bin/env',
    args: ['python3', '-m', 'pip', ...args],
    root,
    timeout: BUILD_TIME,
  });

const OURS = `# Frozen from ${PIP.wanted} by addons build`;
const headingOf = (wanted: string): string =>
  `${OURS}: ${createHash('sha256').update(wanted).digest('hex').slice(0, 16)}`;

const frozen = ({ tell }: Context, path: string) =>
  tell({ type: 'note', message: `Froze the dependencies in ${path}: keep it with the sources` });

function refuseLoose(root: string, text: string): void {
  const loose = requirementsIn(text).find((one) => !isOption(one.text) && !/==|@|\.whl$/.test(one.text));
  if (loose === undefined) return;
  const path = join(root, PIP.frozen);
  throw new AddonsError('malformed', `${path}, line ${loose.line}, does not say which version: ${loose.text}`, {
    hint: `Write it as name==version, or move it to ${PIP.wanted}, from which the versions are frozen.`,
  });
}

function refuseUnlisted(root: string, text: string, found: string): void {
  const named = new Set(requirementsIn(text).map((one) => packageName(one.text)));
  const unlisted = found.split('\n').filter((line) => line !== '' && !named.has(packageName(line)));
  if (unlisted.length === 0 || /\.whl/.test(text)) return;
  throw new AddonsError(
    'malformed',
    `${join(root, PIP.frozen)} leaves out what pip installs: ${unlisted.join(', ')}.`,
    {
      hint: 'Add these lines: what is not listed is not frozen.',
    },
  );
}

const packageName = (requirement: string): string =>
  (/^[A-Za-z0-9._-]+/.exec(requirement)?.[0] ?? requirement).toLowerCase().replace(/[._-]+/g, '-');

async function runHook(context: Context, root: string, name: 'build' | 'clean'): Promise<void> {
  context.tell({ type: 'step', message: `Running ${name} of ${basename(root)}` });
  const { timeout } = buildEnvironment(context, root);
  await runTool(context, { name, path: locateScript(root, name), args: [], root, timeout: timeout(name) });
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    throw fromSystem(error, path);
  }
}
