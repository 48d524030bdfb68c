import type { Outcome } from './calls.ts';

export type { Manifest, ManifestResource } from '../../app/manifest.ts';

/** One step from what is to what shall be. */
export type Change =
  | { action: 'enable'; addon: string }
  | { action: 'add'; app: string; addon: string; env: string[] }
  /** Its data is destroyed (or kept for a while). `kept`: it is marked as never to be unprovisioned, and lives on. */
  | { action: 'remove'; app: string; addon: string; id: string; kept: boolean }
  | { action: 'add-name' | 'drop-name'; app: string; addon: string; name: string }
  /** `reason`: what differs in ENV, or follows from the changes before. */
  | { action: 'release'; app: string; reason: string };

export interface ManifestPlan {
  /** In the order in which `apply` does them. */
  changes: Change[];
  /** How many apps and resources the manifest names. */
  apps: number;
  resources: number;
}

/** One change as it ended. */
export type ChangeEnd = { change: Change; outcome: Outcome } | { change: Change; error: Error };
