import { add, clone } from './commands/add.ts';
import { adopt } from './commands/adopt.ts';
import { remove, rotate } from './commands/change-line.ts';
import { giveUp } from './commands/give-up.ts';
import { move } from './commands/move.ts';
import { changeUrl, create, destroy, rename } from './commands/outside.ts';
import { release } from './commands/release.ts';
import { resolve } from './commands/resolve.ts';
import { disable, enable } from './commands/toggle.ts';
import { empty, undo } from './commands/trash.ts';
import { recoverAll, recoverOne } from './recovery.ts';
import type { Me, Process } from './state.ts';
import type { Steps } from './steps.ts';
import { wrapper } from './wrapper.ts';

/** The steps of a process, from its first one. */
export function* stepsOf(me: Me, program: Process['program']): Steps {
  switch (program[0]) {
    case 'add':
      return yield* add(me, program[1], program[2]);
    case 'remove':
      return yield* remove(me, program[1], program[2], { spare: program[3] });
    case 'rotate':
      return yield* rotate(me, program[1], program[2]);
    case 'clone':
      return yield* clone(me, program[1], program[2], program[3]);
    case 'adopt':
      return yield* adopt(me, program[1], program[2], program[3], program[4]);
    case 'undo':
      return yield* undo(me, program[1], program[2]);
    case 'empty':
      return yield* empty(me);
    case 'move':
      return yield* move(me, program[1], program[2], program[3]);
    case 'resolve':
      return yield* resolve(me, program[1], program[2]);
    case 'enable':
      return yield* enable(me, program[1]);
    case 'disable':
      return yield* disable(me, program[1], program[2]);
    case 'release':
      return yield* release(me, program[1]);
    case 'recoverOne':
      return yield* recoverOne(me, program[1]);
    case 'recoverAll':
      return yield* recoverAll(me);
    case 'giveUp':
      return yield* giveUp(me);
    case 'wrapper':
      return yield* wrapper(me, program[1]);
    case 'mv':
      return yield* rename(program[1], program[2]);
    case 'rm':
      return yield* destroy(program[1]);
    case 'recreate':
      yield* destroy(program[1]);
      return yield* create(program[1], program[2]);
    case 'mvRecreate':
      yield* rename(program[1], program[2]);
      return yield* create(program[1], program[3]);
    case 'changeUrl':
      return yield* changeUrl();
  }
}

const OUTSIDE = new Set(['mv', 'rm', 'recreate', 'mvRecreate', 'changeUrl']);

/** Ours to crash. What an operator or a server does happens or not, by itself. */
export const mayCrash = ({ program }: Process): boolean => !OUTSIDE.has(program[0]);
