import { AddonsError } from '../../errors.ts';
import type { Context } from '../context.ts';
import { logged } from '../logged.ts';
import type { CheckResult, Finding } from '../results.ts';
import { findAll } from './findings.ts';
import { leftBecause } from './left.ts';
import { type Repair, repairOf } from './repairs.ts';
import { sweepAll } from './sweep.ts';

/** Makes the safe repairs, says which, and finds what is left. A repair that fails does not stop the rest. */
export async function fix(context: Context): Promise<Pick<CheckResult, 'findings' | 'fixed'>> {
  if (context.dryRun) return plan(context, await findAll(context));
  await sweepAll(context);
  const tried = new Map<string, { finding: Finding; error?: AddonsError }>();
  for (;;) {
    const findings = await findAll(context);
    // One repair can bring up the next: a recovered add wants a release.
    const todo = repairsOf(context, findings).filter((repair) => !tried.has(keyOf(repair.finding)));
    if (todo.length === 0) return result(findings, tried);
    const ended = new Map<string, AddonsError | undefined>();
    for (const repair of todo) {
      const error = ended.has(repair.name) ? ended.get(repair.name) : await attempt(context, repair);
      ended.set(repair.name, error);
      tried.set(keyOf(repair.finding), { finding: repair.finding, ...(error && { error }) });
    }
  }
}

function plan(context: Context, findings: Finding[]): Pick<CheckResult, 'findings' | 'fixed'> {
  const fixed = repairsOf(context, findings).map(({ finding }) => finding);
  return { fixed, findings: findings.filter((one) => !fixed.includes(one)).map(leftBecause) };
}

/** A release comes last: what is brought to its end before changes what it writes. */
const repairsOf = (context: Context, findings: Finding[]): Repair[] =>
  findings
    .flatMap((finding) => repairOf(context, finding) ?? [])
    .sort((a, b) => Number(a.finding.kind === 'drift') - Number(b.finding.kind === 'drift'));

async function attempt(context: Context, { finding, isOperation, apply }: Repair): Promise<AddonsError | undefined> {
  const { kind, app, addon } = finding;
  const about = { what: `fix ${kind}`, ...(app !== undefined && { app }), ...(addon !== undefined && { addon }) };
  try {
    if (isOperation) await apply();
    else
      await logged(context, about, async () => {
        await apply();
        return { outcome: 'done' };
      });
    return undefined;
  } catch (error) {
    if (!(error instanceof AddonsError) || error.code === 'aborted') throw error;
    return error;
  }
}

type Tried = ReadonlyMap<string, { finding: Finding; error?: AddonsError }>;

function result(findings: Finding[], tried: Tried): Pick<CheckResult, 'findings' | 'fixed'> {
  const left = new Set(findings.map(keyOf));
  return {
    fixed: [...tried].filter(([key, { error }]) => !error && !left.has(key)).map(([, { finding }]) => finding),
    findings: findings.map((finding) => {
      const attempted = tried.get(keyOf(finding));
      if (attempted === undefined) return leftBecause(finding);
      const why = attempted.error?.message ?? 'it is still so after the repair.';
      return { ...finding, message: `${finding.message} It could not be repaired: ${why}` };
    }),
  };
}

/** The same trouble in two looks. Lines move when others go. */
const keyOf = ({ kind, app, addon, id, path, operation, message }: Finding): string =>
  JSON.stringify([kind, app, addon, id, path, operation, PER_MESSAGE.has(kind) ? message : '']);

/** Of these there can be several for one app and add-on. */
const PER_MESSAGE = new Set<Finding['kind']>([
  'drift',
  'stale-name',
  'malformed-line',
  'variable-clash',
  'daemon-drift',
  'daemon-down',
]);
