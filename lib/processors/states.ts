import { chainOf, type ProcessorSettings } from '../addon/processors.ts';
import { suggestion } from '../names.ts';
import type { Addon } from '../scripts/addon.ts';
import type { Surroundings } from '../scripts/environment.ts';
import type { Store } from '../state/store.ts';
import { BUILT_IN } from './built-in.ts';
import type { ProcessorState, ProcessorsResult } from './chain.ts';
import { findProcessors, processorDirectories } from './find.ts';
import { processorsForAll } from './processing.ts';

/** Every processor that is there or is named, and by which of these add-ons. */
export function statesOf({ platform }: Store, surroundings: Surroundings, addons: readonly Addon[]): ProcessorsResult {
  const forAll = processorsForAll(platform);
  const chains = addons.map(({ name, processors: { own, over } }) => ({
    name,
    chain: chainOf([own, forAll, ...over]),
  }));
  const users = usersOf(chains);
  const external = findProcessors(processorDirectories(platform, surroundings)).filter(
    ({ name }) => !BUILT_IN.has(name),
  );
  const there = [
    ...[...BUILT_IN.keys()].map((name) => ({ name, builtIn: true })),
    ...external.map((one) => ({ ...one, builtIn: false })),
  ];
  const known = there.map(({ name }) => name);
  const missing = [...users.keys()]
    .filter((name) => !known.includes(name))
    .map((name) => ({ name, builtIn: false, problem: `is not there.${suggestion(name, known)}` }));
  const processors = [...there, ...missing].map(
    (one): ProcessorState => ({ ...one, addons: users.get(one.name) ?? [] }),
  );
  const files = [forAll, ...addons.flatMap(({ processors: { own, over } }) => [own, ...over])];
  return { processors, problems: files.flatMap(({ problems }) => problems) };
}

function usersOf(chains: readonly { name: string; chain: readonly ProcessorSettings[] }[]): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const { name, chain } of chains) {
    for (const processor of chain) users.set(processor.name, [...(users.get(processor.name) ?? []), name]);
  }
  return users;
}
