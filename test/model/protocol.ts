import type { Mend, Mutant } from './changes.ts';

/** Which mends are in and which mistakes are made. */
export type Protocol = Readonly<Record<Mend | Mutant, boolean>>;

/** The protocol as it is built: every mend in, no mistake made. */
export const AS_BUILT: Protocol = {
  gateOrder: true,
  anyDisable: true,
  allRuns: true,
  voidClaim: true,
  runDirSync: true,
  heldQuarantine: true,
  inodeKey: true,
  recoverySync: true,
  undoArg: true,
  releaseStamp: true,
  gateBeforeEntry: false,
  linesBeforeEntries: false,
  exitFirst: false,
  noReread: false,
  noPidSync: false,
  idsComeBack: false,
  wrapperIsAlive: false,
  entryBeforeLine: false,
  noClaim: false,
  noCompare: false,
  markerNotSynced: false,
  signalIsFailure: false,
  giveUpDeletes: false,
};

/** A mend's or a mutant's opposite of how the protocol is built, alone. */
export const differingIn = (name: Mend | Mutant): Protocol => ({ ...AS_BUILT, [name]: !AS_BUILT[name] });
