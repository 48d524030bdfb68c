import { describeServer } from './suite.ts';

describeServer({ addon: 'redis', mode: 'docker', settings: { isolation: 'acl' } });
