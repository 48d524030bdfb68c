import { statfsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseUrl } from '../addon/contract.ts';
import type { Resource } from '../app/addons-file.ts';
import { AddonsError, type ErrorCode } from '../errors.ts';
import type { ScriptRecord } from '../processors/chain.ts';
import type { Addon } from '../scripts/addon.ts';
import { type JobResult, type Lanes, type LanesOptions, openLanes, type UrlJob } from '../scripts/lane.ts';
import { redactor } from '../scripts/redact.ts';
import { openVolatileOutputs, type VolatileOutputs } from '../scripts/volatile-outputs.ts';
import { newOperationId } from '../state/journal.ts';
import { prepareStore } from '../state/store.ts';
import { enabledAddon } from './addons.ts';
import type { Context } from './context.ts';
import { hasServe, openServed, type Served } from './served.ts';

/** Computes URLs for as long as one call lasts: add-ons are read once, scripts share a bounded set of shells. */
export interface Urls {
  /** @param app whose line it is @throws {AddonsError} why this line gives no URL */
  of(line: Resource, app: string): Promise<string>;
  /** Ends the shells, and what answers instead of scripts. It may go on being used. */
  close(): Promise<void>;
}

/** `width`: scripts at once. */
export function openUrls(context: Context, width = availableParallelism()): Urls {
  const ready = new Map<string, Ready>();
  let shells: Shells | undefined;
  const prepare = (name: string): Ready => {
    const known = ready.get(name);
    if (known) return known;
    const addon = enabledAddon(context, name);
    const made = {
      addon,
      served: hasServe(addon) ? openServed(context, addon) : undefined,
      script: addon.script('url'),
      env: addon.environment({ trace: context.trace !== undefined }),
      timeout: addon.timeout('url'),
    };
    ready.set(name, made);
    return made;
  };
  return {
    async of(line, app) {
      const { addon, served, ...job } = prepare(line.addon);
      if (served) return served.url(line, app);
      shells ??= openShells(context, width, (ended, result) => {
        const { addon } = prepare(ended.addon);
        context.executions.take(addon, recordOf(ended, result, addon.secrets));
      });
      const { lanes, outputs } = shells;
      const result = await lanes.run(
        { ...job, addon: addon.name, app, cwd: addon.root, id: line.id, private: line.private },
        context.signal,
      );
      if (result.out.length === 0) refuseFullDisk(outputs.directory);
      return urlIn(result, line, [line.private, ...addon.secrets]);
    },
    async close() {
      const closing = shells;
      shells = undefined; // whoever asks again gets new ones
      await Promise.all([closing?.lanes.close(), ...[...ready.values()].map(({ served }) => served?.close())]);
      closing?.outputs.remove();
    },
  };
}

interface Shells {
  lanes: Lanes;
  outputs: VolatileOutputs;
}

function openShells({ store, trace }: Context, width: number, onEnd: LanesOptions['onEnd']): Shells {
  prepareStore(store);
  const outputs = openVolatileOutputs(store.platform.outputs);
  return { outputs, lanes: openLanes({ outputs: outputs.directory, width, trace, onEnd }) };
}

interface Ready {
  addon: Addon;
  /** The process that answers instead of the script. */
  served: Served | undefined;
  script: string;
  env: Record<string, string>;
  timeout: number;
}

function recordOf(job: UrlJob, result: JobResult, secrets: readonly string[]): Omit<ScriptRecord, 'addon'> {
  const { started, finished, status, out, err, timedOut, tooLong, aborted } = result;
  const stopped = timedOut ? 'timeout' : tooLong ? 'too-much-output' : aborted ? 'aborted' : undefined;
  return {
    id: newOperationId(),
    app: job.app,
    action: 'url',
    started,
    finished,
    status,
    ...(stopped && { stopped }),
    out,
    err,
    secrets: () => [job.private, ...secrets],
  };
}

/** The script cannot say so itself: its stderr, too, goes there. */
function refuseFullDisk(outputs: string) {
  if (statfsSync(outputs).bavail > 0) return;
  throw new AddonsError('disk-full', `No space is left for what url prints in ${outputs}.`, {
    hint: 'Free some space and release again: nothing was changed.',
  });
}

function urlIn({ status, out, err, timedOut, tooLong }: JobResult, line: Resource, secrets: string[]): string {
  const fail = (code: ErrorCode, what: string) => failed(line, redactor(secrets)(err.toString()).trim(), code, what);
  if (timedOut) throw fail('script-timeout', 'took too long and was killed');
  if (tooLong) throw fail('script-output', 'printed far more than one line');
  if (status !== 0) throw fail('script-failed', `failed with exit status ${status}`);
  try {
    return parseUrl(out);
  } catch (error) {
    throw fail('script-output', error instanceof Error ? error.message.replace(/\.$/, '') : String(error));
  }
}

function failed({ addon, id }: Resource, stderr: string, code: ErrorCode, what: string): AddonsError {
  const reason = stderr === '' ? '' : `: ${stderr.split('\n').at(-1)?.slice(0, 500)}`;
  return new AddonsError(code, `url of ${addon} ${what} for ${id}${reason}`, {
    details: { script: 'url', addon, stderr },
  });
}
