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
  entriesFirst: {
    scenario: 'adopt + undo, app made again',
    by: 'I1',
    what: 'who looks for the holder of an id looks at entries before lines and trash',
  },
  trashLast: {
    scenario: 'adopt + remove --keep-for of one id',
    by: 'I1',
    what: 'who looks for the holder of an id looks at lines before the trash',
  },
  undoLooksAgain: {
    scenario: 'undo + empty, app made again',
    by: 'I3',
    what: 'recovery of an undo without its line looks again: gate and holder',
  },
  moveLooksAgain: {
    scenario: 'move + its recoverer + disable',
    by: 'I4',
    what: "recovery of a move without the target's line looks again",
  },
  emptyLooksAgain: {
    scenario: 'undo + empty + its recoverer, app made again',
    by: 'I3',
    what: 'recovery of an empty that ran nothing yet looks again whose the resource is',
  },
  recordAgain: {
    scenario: 'empty + undo + remove --forget, app made again',
    by: 'I3',
    what: 'empty reads the trash record again after it wrote its entry',
  },
  trashSync: {
    scenario: 'power: undo',
    by: 'I1',
    what: 'recovery syncs the trash before it believes that a record is gone',
  },
  targetSync: {
    scenario: 'power: move',
    by: 'I1',
    what: 'recovery of a move syncs the target before it drops the source line',
  },
  resolveSaysId: {
    scenario: 'resolve --adopt + adopt of one id',
    by: 'I1',
    what: 'resolve --adopt writes the id into the entry before it looks who holds it',
  },
  resolveSeesLine: {
    scenario: 'resolve --adopt + resolve --retry',
    by: 'I2',
    what: 'resolve looks first whether an earlier one wrote the line already',
  },
  resolveSync: {
    scenario: 'power: resolve --adopt x2',
    by: 'I1',
    what: 'resolve syncs the app directory before it believes that a line is there',
  },
  sourceCleared: {
    scenario: 'target deleted during move',
    by: 'I5',
    what: "recovery of a move drops the source's variables also where the target is gone since",
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
  giveUpForgets: {
    scenario: 'gives up: move',
    by: 'I1',
    what: 'a command that gives up deletes an entry that ran no script, though it may have changed lines',
  },
  recordAfterLine: {
    scenario: 'remove --keep-for',
    by: 'I1',
    what: 'the trash record is written after the line is dropped',
  },
  spareForgotten: {
    scenario: 'remove of a kept one',
    by: 'I3',
    what: 'recovery of a remove forgets that it spares its resource',
  },
  undoRecordFirst: {
    scenario: 'undo',
    by: 'I1',
    what: 'undo deletes the trash record before it writes the line',
  },
  undoUngated: {
    scenario: 'undo + disable --force',
    by: 'I4',
    what: 'undo does not look for a disable entry',
  },
  emptyBlind: {
    scenario: 'undo + empty, app made again',
    by: 'I3',
    what: 'empty does not look who else holds the resource by now',
  },
  emptyEntryFirst: {
    scenario: 'empty',
    by: 'I2',
    what: 'empty deletes its entry before the trash record',
  },
  keptForgotten: {
    scenario: 'empty of a kept one',
    by: 'I3',
    what: 'empty does not ask whether the resource is kept',
  },
  markUnlocked: {
    scenario: 'adopt --keep of a line + remove',
    by: 'I3',
    what: 'the mark of a line is written without the app lock',
  },
  adoptUnwritten: {
    scenario: 'adopt of one id for two apps',
    by: 'I1',
    what: 'adopt writes no entry',
  },
  dropFirst: {
    scenario: 'move',
    by: 'I1',
    what: 'a move drops the source line before the target has it',
  },
  moveUngated: {
    scenario: 'move + disable',
    by: 'I4',
    what: 'a move does not look for a disable entry',
  },
  moveBlind: {
    scenario: 'move + add to the target',
    by: 'I2',
    what: 'only the source of a move counts as being changed',
  },
  locksBySide: {
    scenario: 'move there + move back',
    by: 'I6',
    what: 'a move locks its source first',
  },
  copyAfterLine: {
    scenario: 'clone',
    by: 'I2',
    what: 'the data is copied after the line is written',
  },
  dumpReused: {
    scenario: 'clone',
    by: 'I2',
    what: 'recovery restores from the dump that it finds',
  },
  resolveUnowned: {
    scenario: 'resolve --adopt + resolve --retry',
    by: 'I1',
    what: 'resolve does not take the entry over',
  },
  retryAnything: {
    scenario: 'resolve --retry of a held one',
    by: 'I3',
    what: 'resolve --retry provisions again though an unprovision is unsettled',
  },
} satisfies Record<string, Change>;

/** Every mend and mutant, by its name. */
export const CHANGES: Record<Mend | Mutant, Change> = { ...MENDS, ...MUTANTS };

export type Mend = keyof typeof MENDS;
export type Mutant = keyof typeof MUTANTS;
