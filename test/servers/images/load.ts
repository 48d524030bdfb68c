import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { contentOf } from './archive.ts';
import type { Image, ImageName, ImageVersion } from './image.ts';
import { mariadb } from './mariadb.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';

/** Gives an engine the image, made once in the directory and kept there, and tells its tag. */
export async function load(host: string, name: ImageName, version: ImageVersion, directory: string): Promise<string> {
  const image = RECIPES[name](version);
  const content = await contentOf(image, directory);
  const load = 'tar --create --directory "$0" . | docker --host "$1" load --quiet';
  await promisify(execFile)('/bin/sh', ['-c', load, content, host]);
  return image.tag;
}

const RECIPES: Record<ImageName, (version: ImageVersion) => Image> = { mariadb, postgres, redis };
