import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parsePluginDescriptor } from '../../lib/plugins/descriptor.ts';
import { type Installed, install } from './installed.ts';
import { blocksOf, page } from './pages.ts';
import { normal, walkThrough } from './walkthrough.ts';

// A reader does what the page says, word for word.

const text = page('docs/plugins.md');
let place: Installed;
let home: string;
beforeAll(async () => {
  place = await install();
  home = mkdtempSync(join(place.dir, 'home-'));
  mkdirSync(join(home, 'apps/shop'), { recursive: true });
  const { status } = await place.type('addons enable db && addons add shop db && addons release shop', {
    ADDONS_HOME: home,
  });
  expect(status).toBe(0);
});
afterAll(() => place?.remove());

test('both kinds of plugins work as they are written there, and show what is shown', async () => {
  const steps = await walkThrough(
    place,
    blocksOf(text).filter(({ language }) => language !== 'toml'),
    home,
  );
  expect(steps.length).toBeGreaterThan(8);
  expect(steps.map(({ command, seen }) => `${command}\n${normal(seen)}`)).toEqual(
    steps.map(({ command, shown }) => `${command}\n${normal(shown)}`),
  );
});

test('its plugin.toml is one', () => {
  const [toml] = blocksOf(text).filter(({ language }) => language === 'toml');
  expect(parsePluginDescriptor(toml?.lines.join('\n') ?? '', 'plugin.toml')).toMatchObject({ timeout: 60 });
});

describe('its tables', () => {
  test('name every trigger, and every variable that one gets', async () => {
    const seen = join(home, 'seen');
    const names =
      'pre-enable post-enable pre-disable post-disable pre-add post-add pre-remove post-remove pre-release post-release install app-delete app-rename app-clone'.split(
        ' ',
      );
    for (const name of names) expect(text).toContain(`\`${name}\``);
    const { output } = await place.type(
      `plugin=$ADDONS_HOME/etc/plugins/witness; mkdir -p "$plugin"
printf '[plugin]\\ndescription = "d"\\nversion = "1"\\n[plugin.config]\\nkey = 1\\n' >"$plugin/plugin.toml"
printf '#!/bin/sh\\nenv >${seen}\\n' >"$plugin/post-release"; chmod +x "$plugin/post-release"
addons release shop >/dev/null 2>&1; sed 's/=.*//' ${seen} | sort`,
      { ADDONS_HOME: home },
    );
    const variables = output
      .trim()
      .split('\n')
      .filter((name) => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(name));
    expect(variables).toContain('ADDONS_CHANGED');
    const documented = (name: string) =>
      text.includes(`\`${name.replace(/^PLUGIN_CONFIG_.*/, 'PLUGIN_CONFIG_<KEY>')}\``);
    expect(variables.filter((name) => !documented(name) && name !== 'ADDONS_SERVE')).toEqual([]);
  });
});
