import { describeServer } from './suite.ts';

describeServer({ addon: 'postgresql', mode: 'docker' });
