import { isAddonName } from '../names.ts';
import { checkVariableName } from './addons-env-file.ts';
import type { JsonDocument, JsonNode } from './json-tree.ts';
import { type Manifest, malformed, notA, type Place } from './manifest.ts';

/** Heroku's `app.json` as a manifest, and what of it was left out. */
export interface AppJson {
  manifest: Manifest;
  notes: string[];
}

/** No `apps`, but an array of `addons`. */
export const isAppJson = ({ root }: JsonDocument): boolean =>
  root.type === 'object' &&
  !root.members.some(({ key }) => key === 'apps') &&
  root.members.some(({ key, value }) => key === 'addons' && value.type === 'array');

/**
 * What the `addons` of an `app.json` ask for. It adds only: nothing is taken from the app.
 *
 * @param app whose they are: the file does not name it
 * @param known names of the installed and shipped add-ons
 * @throws {AddonsError} `malformed`, with the line and the place
 */
export function manifestOfAppJson(document: JsonDocument, app: string, known: readonly string[]): AppJson {
  const members = document.root.type === 'object' ? document.root.members : [];
  const [list, second] = members.filter(({ key }) => key === 'addons');
  if (second) throw malformed(document, second, ['addons'], 'stands there twice', 'Delete one of the two.');
  const items = list?.value.type === 'array' ? list.value.items : [];
  const resources: Manifest['apps'][string] = {};
  const ignored: string[] = [];
  for (const [index, item] of items.entries()) {
    const place = ['addons', index];
    const wanted = wantedBy(document, item, place);
    const { addon, env } = translated(wanted, known);
    if (Object.hasOwn(resources, addon)) throw secondOf(document, item, place, addon);
    resources[addon] = { env };
    ignored.push(...wanted.ignored);
  }
  const notes = ignored.length > 0 ? [`Plans and options are not used here: ${ignored.join(', ')}.`] : [];
  return { manifest: { apps: { [app]: resources }, additive: true }, notes };
}

/** Which add-on of ours stands for which of Heroku's, and the variable that apps find it in there. */
const TRANSLATIONS: Readonly<Record<string, readonly [addon: string, variable: string]>> = {
  'heroku-postgresql': ['postgresql', 'DATABASE_URL'],
  'heroku-redis': ['redis', 'REDIS_URL'],
  jawsdb: ['mariadb', 'JAWSDB_URL'],
  'jawsdb-maria': ['mariadb', 'JAWSDB_MARIA_URL'],
  cleardb: ['mariadb', 'CLEARDB_DATABASE_URL'],
};

interface Wanted {
  slug: string;
  /** The name that Heroku would give the attachment. */
  as: string | undefined;
  /** What has no meaning here, as it is told. */
  ignored: string[];
}

function translated({ slug, as }: Wanted, known: readonly string[]): { addon: string; env: string[] } {
  const [addon, variable] = (Object.hasOwn(TRANSLATIONS, slug) && TRANSLATIONS[slug]) || [ownName(slug, known)];
  const name = as === undefined ? variable : `${as}_URL`;
  return { addon, env: name === undefined ? [] : [name] };
}

function ownName(slug: string, known: readonly string[]): string {
  const short = slug.replace(/^heroku-/, '');
  return !known.includes(slug) && known.includes(short) ? short : slug;
}

/** Other keys than Heroku's three are its own business. */
function wantedBy(document: JsonDocument, item: JsonNode, place: Place): Wanted {
  if (item.type === 'string') return { ...planOf(document, item, item.value, place), as: undefined };
  const what = 'an add-on: a text such as "heroku-redis:mini", or an object with "plan"';
  if (item.type !== 'object') throw notA(document, item, place, what);
  const member = (name: string) => item.members.findLast(({ key }) => key === name)?.value; // as JSON.parse takes it
  const [plan, as, options] = [member('plan'), member('as'), member('options')];
  if (plan?.type !== 'string') throw notA(document, plan ?? item, plan ? [...place, 'plan'] : place, what);
  const found = planOf(document, plan, plan.value, [...place, 'plan']);
  if (options) found.ignored.push(`options of ${found.slug}`);
  return { ...found, as: as && attachmentOf(document, as, [...place, 'as']) };
}

function planOf(document: JsonDocument, node: JsonNode, text: string, place: Place) {
  const [slug = '', plan] = text.split(/:(.*)/s);
  if (!isAddonName(slug)) throw notA(document, node, place, 'the name of an add-on, with or without ":" and a plan');
  return { slug, ignored: plan === undefined ? [] : [text] };
}

function attachmentOf(document: JsonDocument, node: JsonNode, place: Place): string {
  const what = 'a name such as CACHE: its variable is CACHE_URL then';
  if (node.type !== 'string') throw notA(document, node, place, what);
  try {
    checkVariableName(`${node.value}_URL`);
  } catch {
    throw notA(document, node, place, what);
  }
  return node.value;
}

const secondOf = (document: JsonDocument, item: JsonNode, place: Place, addon: string) =>
  malformed(
    document,
    item,
    place,
    `asks for a second ${addon}, and an app has one resource of an add-on`,
    `Install ${addon} once more under another name, and write an addons.json that names both.`,
  );
