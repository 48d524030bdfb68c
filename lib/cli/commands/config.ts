import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AddonsError } from '../../errors.ts';
import type { AddonConfig, Addons } from '../../operations/results.ts';
import type { Answer, Call, Command } from '../call.ts';
import { planText } from '../plan-text.ts';
import { table } from '../table.ts';
import { visible } from '../visible-text.ts';

/** `addons config <addon> [--edit]` */
export const config: Command = async (call) => {
  const addons = await call.addons();
  const addon = call.given('addon');
  if (call.flags.edit) return edit(call, addons, addon);
  const result = await addons.config(addon);
  if (result.values.length === 0) call.report.note(`${addon} has no configuration.`);
  else await call.print(configText(result));
  return { result };
};

function configText({ profile, values, files }: AddonConfig): string {
  const rows = values.map(({ key, value, from }) => [key, String(value), from]);
  const places = files.map(({ path, present }) => `  ${visible(path)}${present ? '' : ' (not there)'}\n`);
  return [
    `Profile: ${profile === undefined ? 'none' : visible(profile)}\n`,
    `Files, the later ones stand above:\n${places.join('')}`,
    table(['KEY', 'VALUE', 'FROM'], rows),
  ].join('\n');
}

/** A copy is edited, and put in force only if the add-on can be configured so. */
async function edit(call: Call, addons: Addons, addon: string): Promise<Answer> {
  if (call.json) {
    throw new AddonsError('usage', 'addons config --edit has no --json: stdout is that of the editor.', {
      hint: 'Leave out --json or --edit.',
    });
  }
  const before = await addons.configText(addon);
  const file = addons.platform.addonConfig(addon);
  if (call.flags.dryRun) {
    await call.print(planText(`Would configure ${addon}`, [`edit ${file}`]));
    return { result: { addon, outcome: 'planned', file, steps: [`edit ${file}`] } };
  }
  const scratch = mkdtempSync(join(call.io.env.TMPDIR || tmpdir(), 'addons-'));
  const copy = join(scratch, `${addon}.toml`);
  const forget = () => rmSync(scratch, { recursive: true, force: true });
  try {
    writeFileSync(copy, before, { mode: 0o600 });
    await runEditor(call, copy);
  } catch (error) {
    forget();
    throw error;
  }
  try {
    const result = await addons.configure(addon, readFileSync(copy, 'utf8'), before, call.options);
    forget();
    await call.say(
      result.outcome === 'unchanged' ? 'Nothing was changed.\n' : `Configured ${addon} in ${visible(file)}.\n`,
    );
    return { result };
  } catch (error) {
    throw error instanceof AddonsError ? refused(error, copy) : error;
  }
}

async function runEditor({ io }: Call, file: string): Promise<void> {
  const [program = 'vi', ...words] = (io.env.VISUAL || io.env.EDITOR || 'vi').split(/\s+/).filter(Boolean);
  const ended = await io.foreground({ program, words: [...words, file], path: io.env.PATH, env: io.env });
  if (ended === 0) return;
  if (typeof ended !== 'number') throw ended.error;
  throw new AddonsError('aborted', `The editor ended with exit status ${ended}: nothing was changed.`);
}

/** What was written is not lost. */
const refused = ({ code, message, hint, details, cause }: AddonsError, copy: string): AddonsError =>
  new AddonsError(code, `${message} Nothing was changed.`, {
    hint: [hint, `Your text was kept in ${copy}.`].filter(Boolean).join(' '),
    details,
    cause,
  });
