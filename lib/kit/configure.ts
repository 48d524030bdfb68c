import { stringify } from 'smol-toml';
import type { Descriptor } from '../addon/descriptor.ts';
import type { ConfigValue } from '../addon/descriptor-keys.ts';
import { AddonsError } from '../errors.ts';
import { suggestion } from '../names.ts';

/**
 * The operator's file with these values, each as the type of its default.
 *
 * @throws {AddonsError} `usage` for a key that `addon.toml` does not declare, and for a value of another type
 */
export function overridesToml(descriptor: Descriptor, config: Readonly<Record<string, string>>): string {
  const keys = Object.keys(descriptor.config).filter((key) => !key.startsWith('_'));
  const values = Object.entries(config).map(([key, text]) => {
    const usual = descriptor.config[key];
    if (usual === undefined || !keys.includes(key)) throw unknownKey(key, keys);
    return [key, valueLike(usual, key, text)] as const;
  });
  return stringify({ config: Object.fromEntries(values) });
}

function valueLike(usual: ConfigValue, key: string, text: string): ConfigValue {
  if (typeof usual === 'string') return text;
  if (typeof usual === 'number') {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isFinite(value)) return value;
    throw wrongType(key, 'a number');
  }
  if (TRUTHS.has(text)) return text === 'true' || text === '1';
  throw wrongType(key, 'true or false');
}

const TRUTHS = new Set(['true', 'false', '1', '0']);

const unknownKey = (key: string, known: readonly string[]): AddonsError =>
  new AddonsError('usage', `The add-on has no configuration key ${JSON.stringify(key)}.${suggestion(key, known)}`, {
    hint: known.length > 0 ? `Declared are ${known.join(', ')}.` : 'Its addon.toml declares none: leave out --config.',
  });

// Without the value: it may be a password.
const wrongType = (key: string, expected: string): AddonsError =>
  new AddonsError('usage', `The configuration key ${key} takes ${expected}.`, {
    hint: `Say it as --config ${key}=…, like its default in addon.toml.`,
  });
