import { templates as all } from '../../packages/new-addon.ts';
import type { Command } from '../call.ts';
import { table } from '../table.ts';

/** `addons templates` */
export const templates: Command = async (call) => {
  const found = all();
  const rows = found.map(({ name, description, isDefault }) => [isDefault ? `${name} (default)` : name, description]);
  await call.print(table(['TEMPLATE', 'DESCRIPTION'], rows));
  return { result: { templates: found } };
};
