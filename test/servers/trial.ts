import { needs } from '../require.ts';
import { canRunContainers, type Engine, engine } from './engine.ts';
import { type ExternalServer, startServer } from './external-server.ts';
import { KINDS, type Kind, type ServerAddon } from './kinds.ts';
import { type ServerWorld, type Settings, serverWorld } from './world.ts';

/** One add-on in one of its ways to have a server. */
export interface Subject {
  addon: ServerAddon;
  mode: 'docker' | 'host' | 'external';
  settings?: Settings;
}

/** The add-on of a subject, enabled in a world of its own. */
export interface Trial {
  subject: Subject;
  kind: Kind;
  world: ServerWorld;
  /** The server of the mode `external`. */
  external?: ExternalServer;
  /** The state of that server before the add-on was enabled. */
  initial?: string;
  close(): Promise<void>;
}

export const canTry = ({ addon, mode }: Subject): boolean =>
  needs('root', ...KINDS[addon].programs) && (mode !== 'docker' || canRunContainers(KINDS[addon].image));

/** `ownDocker`: the engine of its containers, default the one that all files share. */
export async function openTrial(subject: Subject, ownDocker?: Engine): Promise<Trial> {
  const { addon, mode, settings } = subject;
  const kind = KINDS[addon];
  const docker = mode === 'docker' ? (ownDocker ?? (await engine())) : undefined;
  const external = mode === 'external' ? await startServer(addon) : undefined;
  const world = serverWorld({
    addon,
    dockerHost: docker?.host,
    disk: external ? undefined : kind.disk,
    settings: {
      // Which is docker where an engine answers, else host.
      server: external ? 'external' : 'auto',
      ...(docker && { image: await docker.image(kind.image) }),
      ...(external && { admin_url: external.url }),
      ...settings,
    },
  });
  const initial = await external?.state();
  const close = async () => {
    world.close();
    await external?.stop();
  };
  try {
    await world.addons.enable(addon);
  } catch (error) {
    await close();
    throw error;
  }
  return { subject, kind, world, close, ...(external && { external, initial: initial ?? '' }) };
}
