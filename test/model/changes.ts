/** A difference from the protocol as it is built, and how it shows. */
export interface Change {
  what: string;
  /** The scenario that catches it, by its name. */
  scenario: string;
  /** The invariant that is then violated, e.g. `I1`. */
  by: string;
}

/** What the protocol needs although it is easily forgotten. Each one taken out alone is caught. */
export const MENDS = {
  gateOrder: {
    scenario: 'add of two apps + disable',
    by: 'I4',
    what: 'add looks for a disable entry first, for the marker second',
  },
  anyDisable: {
    scenario: 'add of two apps + disable --force',
    by: 'I4',
    what: 'a disable entry keeps adds out whether its owner lives or not',
  },
  allRuns: {
    scenario: 'add, scripts fail',
    by: 'I1',
    what: 'the table judges all runs: an earlier run of unknown result is never forgotten',
  },
  voidClaim: {
    scenario: 'add, scripts fail',
    by: 'I6',
    what: 'a claim made by recovery says so, and such a run counts as never started',
  },
  runDirSync: {
    scenario: 'power: add',
    by: 'I1',
    what: 'the entry directory is synced after mkdir run.N, before the wrapper starts',
  },
  heldQuarantine: {
    scenario: 'add b + remove a, ids used again',
    by: 'I1',
    what: 'an id held by another app or entry puts the entry in quarantine instead of deleting it',
  },
  inodeKey: {
    scenario: 'app renamed during add',
    by: 'I2',
    what: 'locks and entries are keyed by the app directory, not by its name',
  },
  recoverySync: {
    scenario: 'power: add',
    by: 'I1',
    what: 'recovery syncs what it read (journal, entry, app directory) before it acts on it',
  },
  undoArg: {
    scenario: 'power: add',
    by: 'I1',
    what: 'the id an unprovision run is for is written into run.N and synced with it, not read from out again',
  },
  releaseStamp: {
    scenario: 'release x2, url changes',
    by: 'I5',
    what: 'a release that finds nothing to change still leaves a mark that others compare',
  },
} satisfies Record<string, Change>;

/**
 * Mistakes one could make when building the protocol. Each one is caught. `idsComeBack` is a mistake of
 * the add-on: the scenario itself breaks the contract, whatever the protocol does.
 */
export const MUTANTS = {
  gateBeforeEntry: {
    scenario: 'add of two apps + disable',
    by: 'I4',
    what: 'add reads marker and disable entries before it writes its entry',
  },
  linesBeforeEntries: {
    scenario: 'add of two apps + disable',
    by: 'I4',
    what: 'disable scans lines before entries',
  },
  exitFirst: {
    scenario: 'remove + disable --force',
    by: 'I4',
    what: 'an entry is deleted by unlinking exit first',
  },
  noReread: {
    scenario: 'two recoverers and a new add',
    by: 'I7',
    what: 'recovery does not read the entry again under the lock',
  },
  noPidSync: {
    scenario: 'power: add',
    by: 'I1',
    what: 'pid is not synced before the script starts',
  },
  idsComeBack: {
    scenario: 'breach: ids used again after a crash',
    by: 'I2',
    what: 'contract breach: an id is given out again while the death of its unprovision is unsettled',
  },
  wrapperIsAlive: {
    scenario: 'add, scripts fail',
    by: 'I7',
    what: 'only the wrapper counts as alive, not its group',
  },
  entryBeforeLine: {
    scenario: 'add, scripts fail',
    by: 'I1',
    what: 'add deletes the entry before it appends the line',
  },
  noClaim: {
    scenario: 'add, scripts fail',
    by: 'I1',
    what: 'recovery does not claim the pid of an unclaimed run',
  },
  noCompare: {
    scenario: 'rotate + release',
    by: 'I5',
    what: 'release commits without comparing ADDONS and ENV',
  },
  markerNotSynced: {
    scenario: 'power: disable --force',
    by: 'I4',
    what: 'the marker unlink is not synced before the entry goes',
  },
  signalIsFailure: {
    scenario: 'script killed: add + disable --force',
    by: 'I1',
    what: 'a script killed by a signal counts as failed',
  },
  giveUpDeletes: {
    scenario: 'gives up: add',
    by: 'I1',
    what: 'a command that gives up deletes its entry instead of leaving it ownerless',
  },
} satisfies Record<string, Change>;

/** Every mend and mutant, by its name. */
export const CHANGES: Record<Mend | Mutant, Change> = { ...MENDS, ...MUTANTS };

export type Mend = keyof typeof MENDS;
export type Mutant = keyof typeof MUTANTS;
