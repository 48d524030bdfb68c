import type { ManifestPlan } from '../../operations/results.ts';
import type { Answer, Call, Command } from '../call.ts';
import { readManifestFile } from '../manifest-file.ts';
import { manifestPlanText } from '../manifest-text.ts';
import { paint } from '../visible-text.ts';

/** `addons plan [file]`; with `--detailed-exitcode` 0 nothing to do, 2 something, 1 error. */
export const plan: Command = async (call) => {
  if (!call.flags.detailedExitcode) return { result: await show(call) };
  try {
    const result = await show(call);
    return { result, status: result.changes.length > 0 ? 2 : 0 };
  } catch (thrown) {
    return failed(call, thrown);
  }
};

async function show(call: Call): Promise<ManifestPlan> {
  const { manifest } = await readManifestFile(call);
  const addons = await call.addons();
  const found = await addons.plan(manifest, call.options);
  const color = paint(call.io.terminal.stdout, call.io.env);
  const { configVar } = addons.platform;
  await call.print(manifestPlanText(found, { color, configVar, loss: 'data is destroyed' }));
  return found;
}

/** An error whose own status is 2 would look like something to do. */
function failed(call: Call, thrown: unknown): Answer {
  if (call.io.signal.aborted) throw thrown;
  const error = call.shown(thrown);
  if (!call.json) call.report.error(error);
  return { result: undefined, errors: [error], status: 1 };
}
