import { describeServer } from './suite.ts';

describeServer({ addon: 'redis', mode: 'host', settings: { isolation: 'acl' } });
