// Runs shellcheck on every shell script of the tree, those without an extension too, and on the shell programs that lib/
// holds as strings.
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, lstatSync, openSync, readSync } from 'node:fs';
import { build } from 'esbuild';

// What a script sources is found only at run time; the parts of a server add-on share variables as well.
const OPTIONS = ['--exclude=SC1091'];
const OPTIONS_OF_PARTS = ['--exclude=SC1091,SC2034,SC2154'];

const PROGRAMS = {
  'lib/scripts/wrapper.ts': ['WRAPPER'],
  'lib/scripts/attended.ts': ['ATTENDED'],
  'lib/scripts/lane-shell.ts': ['KEEPING_STDERR', 'PASSING_STDERR'],
};

if (spawnSync('shellcheck', ['--version']).status !== 0) {
  console.error('shellcheck is not installed: apt-get install shellcheck, dnf install ShellCheck, apk add shellcheck.');
  process.exit(1);
}
const scripts = treeFiles().filter(isShellScript);
const isPart = (path) => existsSync(`${path.split('/').slice(0, 2).join('/')}/engine.sh`);
const programs = await shellPrograms();
const passed = [
  shellcheck(['--', ...scripts.filter((path) => !isPart(path))]),
  shellcheck(['--', ...scripts.filter(isPart)], undefined, OPTIONS_OF_PARTS),
  ...programs.map(({ name, text }) => {
    const good = shellcheck(['--shell=sh', '-'], text);
    if (!good) console.error(`That is ${name}.`);
    return good;
  }),
];
if (passed.includes(false)) process.exit(1);
console.log(`shellcheck: ${scripts.length} scripts and ${programs.length} programs in strings are fine.`);

function shellcheck(words, input, options = OPTIONS) {
  const stdin = input === undefined ? { stdio: 'inherit' } : { input, stdio: ['pipe', 'inherit', 'inherit'] };
  return spawnSync('shellcheck', [...options, ...words], stdin).status === 0;
}

/** What git tracks or would track. */
function treeFiles() {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return [...new Set(listed.split('\0'))].filter(
    (path) => path && lstatSync(path, { throwIfNoEntry: false })?.isFile(),
  );
}

/** By its first line: a shebang, or the directive of a part that others source. */
function isShellScript(path) {
  const file = openSync(path, 'r');
  const start = Buffer.alloc(128);
  readSync(file, start);
  closeSync(file);
  return /^#!\s*\S*\/(env\s+)?(-S\s+)?(ba|da|k)?sh\b|^# shellcheck shell=/.test(start.toString('latin1'));
}

async function shellPrograms() {
  const entries = Object.entries(PROGRAMS);
  const contents = entries.map(([file, names]) => `export { ${names.join(', ')} } from './${file}';`).join('\n');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: process.cwd() },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  });
  const values = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
  return entries.flatMap(([file, names]) => names.map((name) => ({ name: `${name} of ${file}`, text: values[name] })));
}
