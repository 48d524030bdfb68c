import { describeServer } from './suite.ts';

describeServer({ addon: 'redis', mode: 'external', settings: { isolation: 'acl' } });
