import { expect, test, vi } from 'vitest';
import { openLanes } from '../../lib/scripts/lane.ts';
import type * as Processes from '../../lib/scripts/processes.ts';
import { makePlace, until } from './fixtures/place.ts';

// As in a chroot without /proc, which a test cannot enter without root.
vi.mock('../../lib/scripts/processes.ts', async (original) => ({
  ...(await original<typeof Processes>()),
  runningProcesses: () => undefined,
}));

test('without /proc the whole lane of a hanging script is killed, and the next script has a new one', async () => {
  const place = makePlace();
  const lanes = openLanes({ outputs: `${place.dir}/outputs`, width: 1, grace: 200 });
  const common = {
    addon: 'db',
    app: 'shop',
    cwd: place.dir,
    env: { PATH: '/usr/bin:/bin' },
    id: 'i',
    private: 'p',
    timeout: 100,
  };
  const hanging = place.script('hang', 'trap "" TERM; echo $PPID >lane; while :; do sleep 60; done');
  const result = await lanes.run({ ...common, script: hanging });
  expect(result).toMatchObject({ timedOut: true, status: null });
  const lane = await place.pid('lane');
  const { runningProcesses } = await vi.importActual<typeof Processes>('../../lib/scripts/processes.ts');
  await until(() => runningProcesses()?.every(({ group }) => group !== lane) === true);
  expect(await lanes.run({ ...common, script: place.script('url', 'exit 5') })).toMatchObject({ status: 5 });
  await lanes.close();
  place.remove();
});
