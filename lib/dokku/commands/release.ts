import type { Command } from '../../cli/call.ts';
import type { Host } from '../host.ts';
import { configOf, restart } from './then-release.ts';

/** `addons:release`, which restarts the apps whose config vars changed. */
export const releaseThenRestart =
  (host: Host, release: Command): Command =>
  async (call) => {
    const answer = await release(call);
    const changed = Array.isArray(answer.result) ? answer.result.filter(isChanged).map(({ app }) => app) : [];
    if (changed.length > 0) await restart(call, host, changed, await configOf(await call.addons(), changed));
    return answer;
  };

/** One of the items that `release` answers with. */
const isChanged = (item: unknown): item is { app: string } =>
  typeof item === 'object' &&
  item !== null &&
  'app' in item &&
  'changed' in item &&
  Array.isArray(item.changed) &&
  item.changed.length > 0;
