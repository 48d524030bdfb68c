import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

/** What a test may need of the machine besides Node: the name of a program (a server's too, such as `postgres`), or `root`. */
export type Need = string;

/**
 * Whether all of it is there. If not, the test is to be skipped, and says so; where a skipped test counts as a failure
 * (`CI`, `ADDONS_TEST_REQUIRE_ALL=1`) this throws.
 *
 * @example
 * test.skipIf(!needs('sqlite3'))('a dump is one file', …)
 */
export function needs(...what: Need[]): boolean {
  const missing = what.filter((need) => !isThere(need));
  if (missing.length === 0) return true;
  const told = `This machine lacks ${missing.join(', ')}`;
  if (mustNotSkip()) throw new Error(`${told}: install it, nothing may be skipped here.`);
  if (!said.has(told)) process.stderr.write(`${told}: the tests that need it are skipped.\n`);
  said.add(told);
  return false;
}

const said = new Set<string>();

const mustNotSkip = () => process.env.ADDONS_TEST_REQUIRE_ALL === '1' || /^(1|true)$/.test(process.env.CI ?? '');

const isThere = (need: Need): boolean =>
  need === 'root'
    ? process.getuid?.() === 0
    : spawnSync('/bin/sh', ['-c', 'command -v -- "$0"', need], { stdio: 'ignore', env: { PATH: everywhere } })
        .status === 0;

/** The directories of PostgreSQL's server programs, which Debian keeps apart by major version, newest first. */
export function postgresPrograms(): string[] {
  try {
    const majors = readdirSync(POSTGRESQL).filter((name) => /^\d+$/.test(name));
    return majors.sort((a, b) => Number(b) - Number(a)).map((major) => `${POSTGRESQL}/${major}/bin`);
  } catch {
    return [];
  }
}

const POSTGRESQL = '/usr/lib/postgresql';
const everywhere = [process.env.PATH, '/usr/sbin', '/sbin', ...postgresPrograms()].join(':');
