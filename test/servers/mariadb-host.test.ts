import { describeServer } from './suite.ts';

describeServer({ addon: 'mariadb', mode: 'host' });
