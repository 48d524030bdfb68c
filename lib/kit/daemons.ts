import { isEnabled } from '../state/markers.ts';
import type { Trial } from './trial.ts';

/** Starts or ends the daemons of the add-on, as enabling and disabling it does; nothing where it is not enabled or declares none. */
export async function controlDaemons(trial: Trial, what: 'start' | 'stop'): Promise<void> {
  const { addons, addon, name, store } = trial;
  if (Object.keys(addon.descriptor.daemons).length === 0 || !isEnabled(store, name)) return;
  trial.tell(what === 'start' ? 'starting its daemons' : 'ending its daemons');
  await addons.controlDaemons(name, what);
}
