import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { testAddon } from '../../lib/kit/test-addon.ts';
import { collect } from '../operations/world.ts';
import { needs } from '../require.ts';
import { box, temporary } from './box.ts';
import { after } from './broken.ts';

test.skipIf(!needs('root', 'dockerd', 'docker'))(
  'what disable leaves in a Docker engine is found, and tidied away',
  async () => {
    const environment = { DOCKER_HOST: await engine() };
    const docker = (...args: string[]) =>
      execFileSync('docker', args, { encoding: 'utf8', env: { ...process.env, ...environment } });
    docker('volume', 'create', 'strangers');
    const source = box({ enable: after('enable', 'docker volume create --label "of=$ADDON_DATA" left >/dev/null') });
    const ends = await collect(testAddon(source, { temporary: temporary(), environment, only: ['nothing-left'] }));
    expect(ends).toMatchObject([{ outcome: 'failed', seen: 'After disable there is still: volume left.' }]);
    expect(docker('volume', 'ls', '-q').split('\n').filter(Boolean)).toEqual(['strangers']);
  },
);

/** The address of an engine that only this test uses. */
async function engine(): Promise<string> {
  const directory = temporary();
  const address = `unix://${join(directory, 'sock')}`;
  const place = [
    '--data-root',
    join(directory, 'data'),
    '--exec-root',
    join(directory, 'exec'),
    '-p',
    join(directory, 'pid'),
  ];
  const apart = ['--storage-driver=vfs', '--iptables=false', '--ip-forward=false', '--bridge=none'];
  const child = spawn('dockerd', [...place, ...apart, '-H', address], { stdio: 'ignore' });
  onTestFinished(async () => {
    child.kill();
    await new Promise((resolve) => child.once('exit', resolve));
  });
  for (;;) {
    try {
      execFileSync('docker', ['-H', address, 'version'], { stdio: 'ignore' });
      return address;
    } catch {
      await pause(100);
    }
  }
}
