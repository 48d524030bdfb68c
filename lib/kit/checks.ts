import type { Check } from './check.ts';
import { concurrent } from './checks/concurrent.ts';
import { provisionAgain, provisionKilled, unprovisionHalf } from './checks/crashes.ts';
import { dump, restore, restoreCut, restoreEmpty } from './checks/data.ts';
import {
  disable,
  disableAgain,
  disableInUse,
  enable,
  enableAgain,
  enableAnew,
  health,
  nothingLeft,
} from './checks/enabling.ts';
import { descriptor, installable, ownDirectory, scripts } from './checks/files.ts';
import { login, wrongPassword } from './checks/logging-in.ts';
import { argumentsOfProcesses, modes, ownSession, secrets, umask } from './checks/privacy.ts';
import {
  appNames,
  ids,
  list,
  newId,
  provision,
  unprovision,
  unprovisionAgain,
  unprovisionUnknown,
} from './checks/provisioning.ts';
import { rotate, rotateAgain } from './checks/rotation.ts';
import { unsafeIds } from './checks/unsafe-ids.ts';
import { url, urlGone, urlStable, urls } from './checks/urls.ts';
import type { CheckName } from './contract.ts';

/** How each row of the contract is looked at. */
export const HOW: Readonly<Record<CheckName, Check>> = {
  scripts,
  descriptor,
  installable,
  enable,
  'enable-again': enableAgain,
  health,
  provision,
  url,
  'url-stable': urlStable,
  'app-names': appNames,
  ids,
  urls,
  login,
  'wrong-password': wrongPassword,
  list,
  unprovision,
  'unprovision-again': unprovisionAgain,
  'unprovision-unknown': unprovisionUnknown,
  'url-gone': urlGone,
  'new-id': newId,
  'provision-again': provisionAgain,
  'provision-killed': provisionKilled,
  'unprovision-half': unprovisionHalf,
  concurrent,
  dump,
  restore,
  'restore-empty': restoreEmpty,
  'restore-cut': restoreCut,
  rotate,
  'rotate-again': rotateAgain,
  umask,
  modes,
  'own-session': ownSession,
  'unsafe-ids': unsafeIds,
  'disable-in-use': disableInUse,
  disable,
  'disable-again': disableAgain,
  'nothing-left': nothingLeft,
  'enable-anew': enableAnew,
  'own-directory': ownDirectory,
  secrets,
  arguments: argumentsOfProcesses,
};
