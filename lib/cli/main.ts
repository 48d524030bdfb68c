import { start } from './start.ts';

void start(async (options) => (await import('../open-platform.ts')).openPlatform(options));
