export type { EnvFormat } from './app/env-formats.ts';
export { formatEnv } from './app/env-formats.ts';
export { parseManifest } from './app/manifest.ts';
export type { ErrorCode, ErrorDetails, ErrorOptions } from './errors.ts';
export { AddonsError } from './errors.ts';
export type { PlatformOptions } from './open-platform.ts';
export { openPlatform } from './open-platform.ts';
export type * from './operations/results.ts';
export type { Platform, PlatformPaths } from './platform.ts';
