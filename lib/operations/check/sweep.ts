import { dirname, join } from 'node:path';
import { AddonsError, systemCode } from '../../errors.ts';
import { sweepOutputs } from '../../scripts/outputs.ts';
import { sweepApp } from '../../state/app-files.ts';
import { allApps } from '../../state/apps.ts';
import { sweepTemporaryFiles, sweepTemporaryTrees } from '../../state/atomic-file.ts';
import { sweepJournal } from '../../state/journal.ts';
import { installedNames } from '../addons.ts';
import type { Context } from '../context.ts';
import { settleCrontab } from '../crontab.ts';

/** Removes what dead processes left half-made everywhere. Nobody misses it, so it is no finding. */
export async function sweepAll(context: Context): Promise<void> {
  const { store, tell } = context;
  const { platform, disk } = store;
  const names = installedNames(platform);
  const data = names.map((addon) => dirname(platform.marker(addon)));
  const cron = names.map((addon) => join(platform.cron, addon));
  const sweeps = [
    () => sweepJournal(store),
    async () => sweepOutputs(platform.outputs),
    ...allApps(platform).map((app) => () => sweepApp(store, app)),
    () => settleCrontab(context),
    () => sweepTemporaryTrees(disk, platform.addonsRoot),
    ...[platform.trash, platform.config, ...data, ...cron].map((path) => () => sweepTemporaryFiles(disk, path)),
  ];
  for (const sweep of sweeps) {
    await sweep().catch((error) => {
      if (systemCode(error) === 'ENOENT' || systemCode(error?.cause) === 'ENOENT') return;
      if (!(error instanceof AddonsError)) throw error;
      tell({ type: 'warning', message: error.message });
    });
  }
}
