import { ADDON_PATTERN } from '../names.ts';
import { cronSchema } from './cron.ts';
import { DAEMON_KEYS } from './daemons.ts';
import { ADDON_KEYS, CONFIG_VALUE, DEVELOP_KEYS, type Key, SECONDS, TIMED } from './descriptor-keys.ts';

/** Where editors find the schema of `addon.toml`. */
export const DESCRIPTOR_SCHEMA = 'https://unpkg.com/paas-addons/docs/addon.schema.json';

/** JSON Schema of `addon.toml`, for editors. It is published as `docs/addon.schema.json`. */
export const descriptorSchema = (): object => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: DESCRIPTOR_SCHEMA,
  title: 'addon.toml',
  description: 'What an add-on says of itself. See docs/writing-add-ons.md and docs/configuration.md.',
  type: 'object',
  properties: {
    addon: table('What the add-on is.', schemasOf(ADDON_KEYS)),
    timeouts: table('Seconds that a script may run.', Object.fromEntries(TIMED.map((name) => [name, SECONDS.schema]))),
    config: { $ref: '#/$defs/config' },
    profiles: {
      type: 'object',
      description: 'Variants of the configuration: [profiles.NAME.config].',
      propertyNames: { pattern: ADDON_PATTERN.source },
      additionalProperties: table('', { config: { $ref: '#/$defs/config' } }),
    },
    develop: table('What addons develop --watch looks at.', schemasOf(DEVELOP_KEYS)),
    daemons: {
      type: 'object',
      description: 'Processes that run as long as the add-on is enabled: [daemons.NAME]. See docs/services.md.',
      propertyNames: { pattern: ADDON_PATTERN.source },
      additionalProperties: { ...table('', schemasOf(DAEMON_KEYS)), required: ['command'] },
    },
    cron: cronSchema(),
    processors: { type: 'object', description: 'What becomes of executions: [processors.NAME].' },
  },
  additionalProperties: false,
  $defs: {
    config: {
      type: 'object',
      description:
        'Keys with their defaults: scripts see ADDON_CONFIG_<KEY>. The operator cannot set those that start with "_".',
      additionalProperties: CONFIG_VALUE.schema,
    },
  },
});

const schemasOf = (keys: Readonly<Record<string, Key<unknown>>>): Record<string, object> =>
  Object.fromEntries(Object.entries(keys).map(([name, { schema }]) => [name, schema]));

const table = (description: string, properties: Record<string, object>) => ({
  type: 'object',
  ...(description !== '' && { description }),
  properties,
  additionalProperties: false,
});
