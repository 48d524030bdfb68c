import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { keepsAppsApart } from './behaviours/apart.ts';
import { survivesCrowdsAndKills } from './behaviours/crowds-and-kills.ts';
import { savesData } from './behaviours/data.ts';
import { leavesNothing } from './behaviours/end.ts';
import { survivesFaults } from './behaviours/faults.ts';
import { survivesFullDisk } from './behaviours/full-disk.ts';
import { provisions } from './behaviours/provision.ts';
import { rotatesSecrets } from './behaviours/rotate.ts';
import { keepsSecrets } from './behaviours/secrets.ts';
import { takesSettings } from './behaviours/settings.ts';
import { standsTwice } from './behaviours/twice.ts';
import { refusesOtherVersions } from './behaviours/version.ts';
import { canTry, openTrial, type Subject, type Trial } from './trial.ts';

/**
 * All that a server add-on promises, against one real server or, with an own one for each app, many. The add-on is
 * enabled once and disabled by the last test, which finds whatever the others left behind: they run in this order.
 */
export function describeServer(subject: Subject) {
  const { addon, mode, settings = {} } = subject;
  const title = [addon, mode, ...Object.values(settings)].join(', ');
  describe.skipIf(!canTry(subject))(title, () => {
    let opened: Trial | undefined;
    const the = (): Trial => {
      if (!opened) throw new Error('enable failed');
      return opened;
    };
    beforeAll(async () => {
      opened = await openTrial(subject);
    });
    afterEach(() => opened?.world.deleteApps());
    afterAll(() => opened?.close());

    provisions(the);
    // On the host and in Docker the kit tries both: test/kit/shipped-*.test.ts.
    if (subject.mode === 'external') survivesCrowdsAndKills(the);
    keepsAppsApart(the);
    rotatesSecrets(the);
    savesData(the);
    keepsSecrets(the);
    takesSettings(the, subject);
    survivesFaults(the, subject);
    refusesOtherVersions(the, subject);
    standsTwice(the, subject);
    survivesFullDisk(the, subject);
    leavesNothing(the);
  });
}
