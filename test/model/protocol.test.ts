import { CORE } from './scenarios.ts';
import { testSoundness } from './soundness.ts';

testSoundness(CORE, 350_000);
