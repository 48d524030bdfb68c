import { AddonsError } from '../errors.ts';
import { checkAddonName, checkAppName, suggestion } from '../names.ts';
import { checkVariableName } from './addons-env-file.ts';
import { type JsonDocument, type JsonMember, type JsonNode, lineIn, readJson } from './json-tree.ts';

/** What apps shall have: app → add-on → what is special about it. Apps that are not named are left alone. */
export interface Manifest {
  apps: Record<string, Record<string, ManifestResource>>;
  /** True: what an app has beyond it stays (`app.json` says what is needed, not what is allowed). Default false. */
  additive?: boolean;
}

export interface ManifestResource {
  /** Extra variable names, beside the standard one. */
  env: string[];
}

/** Where editors find the schema of `addons.json`. */
export const MANIFEST_SCHEMA = 'https://unpkg.com/paas-addons/docs/manifest.schema.json';

/**
 * Reads the bytes of an `addons.json`.
 *
 * @param file what messages call it
 * @throws {AddonsError} `malformed`, with the line and the place
 * @example parseManifest(Buffer.from('{"apps": {"shop": ["db"]}}'), 'addons.json').apps.shop // { db: { env: [] } }
 */
export const parseManifest = (bytes: Uint8Array, file: string): Manifest => manifestOf(readJson(bytes, file));

/** @throws {AddonsError} `malformed`, with the line and the place */
export function manifestOf(document: JsonDocument): Manifest {
  const { apps, $schema } = membersOf(document, document.root, [], ['apps', '$schema']);
  if ($schema && $schema.value.type !== 'string') throw notA(document, $schema.value, ['$schema'], 'a string');
  if (apps === undefined) {
    throw malformed(document, document.root, [], 'has no "apps"', 'Write: { "apps": { "shop": { "db": {} } } }');
  }
  const entries = named(document, apps.value, ['apps'], checkAppName, 'an object of apps').map(
    ({ key, value }) => [key, resourcesOf(document, value, ['apps', key])] as const,
  );
  return { apps: Object.fromEntries(entries) };
}

/** The manifest as `addons.json` says it: sorted, nothing that goes without saying. */
export const manifestDocument = ({ apps }: Manifest): Record<string, unknown> => ({
  $schema: MANIFEST_SCHEMA,
  apps: Object.fromEntries(
    sorted(apps).map(([app, resources]) => [
      app,
      Object.fromEntries(sorted(resources).map(([addon, { env }]) => [addon, env.length > 0 ? { env } : {}])),
    ]),
  ),
});

/** Keys and positions from the top. */
export type Place = readonly (string | number)[];

/** `addons.json, line 4: apps.shop.db.env[0] must be …` */
export function malformed(
  { file, text }: JsonDocument,
  { at }: { at: number },
  place: Place,
  what: string,
  hint: string,
): AddonsError {
  const path = place
    .map((part) => (typeof part === 'number' || !/^[\w$-]+$/.test(part) ? `[${JSON.stringify(part)}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
  return new AddonsError('malformed', `${lineIn(file, text, at)}: ${path || 'the document'} ${what}.`, { hint });
}

export const notA = (document: JsonDocument, node: JsonNode, place: Place, what: string): AddonsError =>
  malformed(document, node, place, `must be ${what}`, 'Correct it there; docs/manifest.md shows the format.');

/** Members by their key, each once. @throws {AddonsError} `malformed`, with the nearest key */
export function membersOf<K extends string>(
  document: JsonDocument,
  node: JsonNode,
  place: Place,
  keys: readonly K[],
): Partial<Record<K, JsonMember>> {
  if (node.type !== 'object') throw notA(document, node, place, 'an object');
  const found: Partial<Record<K, JsonMember>> = {};
  for (const member of unique(document, node.members, place)) {
    const key = keys.find((one) => one === member.key);
    if (key === undefined) {
      const hint = `Keys here are: ${keys.join(', ')}.${suggestion(member.key, keys)}`;
      throw malformed(document, member, [...place, member.key], 'is no key that is known here', hint);
    }
    found[key] = member;
  }
  return found;
}

const sorted = <T>(record: Record<string, T>) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

function resourcesOf(document: JsonDocument, node: JsonNode, place: Place): Record<string, ManifestResource> {
  if (node.type === 'array') {
    const names = texts(document, node, place, checkAddonName, "an add-on's name");
    return Object.fromEntries(names.map((addon) => [addon, { env: [] }]));
  }
  const entries = named(document, node, place, checkAddonName, 'an object of add-ons, or an array of their names').map(
    ({ key, value }) => [key, { env: namesOf(document, value, [...place, key]) }] as const,
  );
  return Object.fromEntries(entries);
}

function namesOf(document: JsonDocument, node: JsonNode, place: Place): string[] {
  const env = membersOf(document, node, place, ['env']).env?.value;
  if (env === undefined) return [];
  const where = [...place, 'env'];
  if (env.type === 'array') return texts(document, env, where, checkVariableName, "a variable's name");
  if (env.type !== 'string') throw notA(document, env, where, "a variable's name, or an array of such names");
  return [checked(document, env, env.value, where, checkVariableName)];
}

type Check = (name: string) => string;

function named(document: JsonDocument, node: JsonNode, place: Place, check: Check, what: string): JsonMember[] {
  if (node.type !== 'object') throw notA(document, node, place, what);
  return unique(document, node.members, place).map((member) => {
    checked(document, member, member.key, [...place, member.key], check);
    return member;
  });
}

/** An array of names, each once. */
function texts(document: JsonDocument, node: JsonNode, place: Place, check: Check, what: string): string[] {
  const seen = new Set<string>();
  for (const [index, item] of node.type === 'array' ? node.items.entries() : []) {
    const where = [...place, index];
    if (item.type !== 'string') throw notA(document, item, where, what);
    checked(document, item, item.value, where, check);
    if (seen.has(item.value)) throw twice(document, item, where);
    seen.add(item.value);
  }
  return [...seen];
}

function unique(document: JsonDocument, members: readonly JsonMember[], place: Place): readonly JsonMember[] {
  const seen = new Set<string>();
  for (const member of members) {
    if (seen.has(member.key)) throw twice(document, member, [...place, member.key]);
    seen.add(member.key);
  }
  return members;
}

const twice = (document: JsonDocument, where: { at: number }, place: Place) =>
  malformed(document, where, place, 'stands there twice', 'Delete one of the two.');

function checked(document: JsonDocument, where: { at: number }, name: string, place: Place, check: Check): string {
  try {
    return check(name);
  } catch (error) {
    if (!(error instanceof AddonsError)) throw error;
    const what = `is not allowed: ${error.message.replace(/\.$/, '')}`;
    throw malformed(document, where, place, what, error.hint ?? 'Correct it there.');
  }
}
