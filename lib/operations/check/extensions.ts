import { pluginProblems } from '../../plugins/triggers.ts';
import type { Context } from '../context.ts';
import { processorsOfReadable } from '../processors.ts';
import type { Finding } from '../results.ts';

/** Processors that add-ons name and that cannot be used, and plugins of which something is not run. */
export async function checkExtensions(context: Context): Promise<Finding[]> {
  const { processors: found, problems } = await processorsOfReadable(context);
  const unusable = found.flatMap(({ name, path, problem, addons }) =>
    problem !== undefined && addons.length > 0 ? [`${path ?? `The processor ${name}`} ${problem}`] : [],
  );
  const plugins = await pluginProblems(context.store.platform);
  return [
    ...[...unusable, ...problems].map(
      (message): Finding => ({ kind: 'processor', severity: 'warning', message, hint: 'See: addons processors' }),
    ),
    ...plugins.map(
      (message): Finding => ({ kind: 'plugin', severity: 'warning', message, hint: 'See: addons help plugins' }),
    ),
  ];
}
