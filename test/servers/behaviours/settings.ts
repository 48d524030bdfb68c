import { expect, test } from 'vitest';
import { failure } from '../../operations/world.ts';
import { withLogin } from '../clients.ts';
import type { Subject, Trial } from '../trial.ts';
import { where } from '../where.ts';

export function takesSettings(the: () => Trial, { mode }: Subject) {
  where(mode !== 'external')('enable --again applies changed settings to the servers that run', async () => {
    const { world, kind } = the();
    const { settings, ask, shows } = kind.change;
    const before = await world.app('set');
    await withLogin(before, (login) => login.write('key', 'value'));
    expect(await withLogin(before, (login) => login.ask(ask))).not.toMatch(shows);
    world.configure(settings);
    await world.addons.enable(world.addon, { again: true });
    await withLogin(await world.release('set'), async (login) => {
      expect(await login.ask(ask)).toMatch(shows);
      expect(await login.read('key')).toBe('value');
    });
  });

  test('another server mode is refused once there is one, with what to do', async () => {
    const { world } = the();
    const url = await world.app('stay');
    const { server = '' } = world.settings();
    world.configure({ server: mode === 'host' ? 'external' : 'host' });
    try {
      const error = await failure(world.addons.enable(world.addon, { again: true }));
      expect(error.details.stderr).toMatch(new RegExp(`server = "${mode}".*addons dump.*addons disable`, 's'));
    } finally {
      world.configure({ server });
    }
    await world.addons.enable(world.addon, { again: true });
    expect(await world.release('stay')).toBe(url);
  });
}
