import fc from 'fast-check';
import { expect, it } from 'vitest';
import { differenceOf, stepsFor } from '../../../lib/operations/manifest/app-changes.ts';
import type { AppLook } from '../../../lib/operations/manifest/look.ts';
import type { Change } from '../../../lib/operations/results.ts';

/** Add-on → extra names. */
type Resources = Record<string, string[]>;

const NAMES = ['A', 'B', 'C', 'D'];

/** Some of three add-ons; each name belongs to one of them at most. */
const resources: fc.Arbitrary<Resources> = fc
  .tuple(fc.subarray(['bank', 'redis', 'vault']), fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }))
  .map(([addons, owners]) =>
    Object.fromEntries(addons.map((addon, index) => [addon, NAMES.filter((_, at) => owners[at] === index)])),
  );

function lookOf(has: Resources): AppLook {
  const entries = Object.entries(has).map(([addon, env]) => [addon, { id: `id-${addon}`, env }] as const);
  return {
    app: { name: 'shop', dir: '/shop', key: 'k', owner: { uid: 0, gid: 0 } },
    has: new Map(entries),
    addons: { resources: [], malformed: [], duplicates: [] },
    names: { names: [], malformed: [] },
    problems: [],
  };
}

function changes(has: Resources, wanted: Resources, additive = false): Change[] {
  const look = lookOf(has);
  const map = new Map(Object.entries(wanted).map(([addon, env]) => [addon, { env }]));
  return stepsFor(
    look,
    differenceOf(look, map, additive),
    () => false,
    (addon) => `X_${addon}`,
    [],
  );
}

/** Does the steps as the operations would, which refuse a name that another add-on has. */
function after(has: Resources, steps: readonly Change[]): Resources {
  const now = structuredClone(has);
  const give = (addon: string, names: string[]) => {
    for (const name of names) expect(Object.values(now).flat()).not.toContain(name);
    now[addon] = [...(now[addon] ?? []), ...names];
  };
  for (const step of steps) {
    if (step.action === 'add') {
      expect(now).not.toHaveProperty(step.addon);
      give(step.addon, step.env);
    } else if (step.action === 'add-name') {
      expect(now).toHaveProperty(step.addon);
      give(step.addon, [step.name]);
    } else if (step.action === 'drop-name') {
      expect(now[step.addon]).toContain(step.name);
      now[step.addon] = now[step.addon]?.filter((name) => name !== step.name) ?? [];
    } else if (step.action === 'remove') {
      expect(now).toHaveProperty(step.addon);
      delete now[step.addon];
    }
  }
  return now;
}

const sorted = (all: Resources) =>
  Object.entries(all)
    .map(([addon, env]) => [addon, [...env].sort()] as const)
    .sort();

it('leads from whatever an app has to whatever it shall have, and every step is possible', () => {
  fc.assert(
    fc.property(resources, resources, (has, wanted) => {
      const steps = changes(has, wanted);
      expect(sorted(after(has, steps))).toEqual(sorted(wanted));
      expect(changes(wanted, wanted)).toEqual([]);
      const order = steps.map(({ action }) => action);
      expect(order.filter((action) => action === 'release').length).toBeLessThanOrEqual(1);
      // Nothing is destroyed before what comes instead is there.
      if (order.includes('remove')) {
        const rest = order.slice(order.indexOf('remove'));
        expect(rest.filter((action) => action !== 'remove' && action !== 'release')).toEqual([]);
      }
    }),
    { numRuns: 2000 },
  );
});

it('takes nothing away where it only adds', () => {
  fc.assert(
    fc.property(resources, resources, (has, wanted) => {
      const actions = changes(has, wanted, true).map(({ action }) => action);
      expect(actions).not.toContain('remove');
      expect(actions).not.toContain('drop-name');
    }),
  );
});
