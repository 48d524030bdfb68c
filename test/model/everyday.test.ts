import { EVERYDAY } from './everyday-scenarios.ts';
import { testSoundness } from './soundness.ts';

testSoundness(EVERYDAY, 270_000);
