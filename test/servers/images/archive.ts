import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { Image } from './image.ts';
import { layOut } from './root.ts';

const run = promisify(execFile);

/**
 * Makes a directory with what `docker load` takes as a tar, unless it is there already, and gives its path. An image of
 * `docker import` would do, but has no stop signal, and a server that is stopped by the wrong one is another server.
 */
export async function contentOf(image: Image, directory: string): Promise<string> {
  const path = join(directory, image.tag.replace(/\W/g, '-'));
  if (existsSync(path)) return path;
  mkdirSync(directory, { recursive: true });
  const work = mkdtempSync(join(directory, 'making-'));
  const [root, content] = [join(work, 'root'), join(work, 'content')];
  mkdirSync(root);
  mkdirSync(content);
  layOut(root, image);
  await run('tar', ['--create', '--numeric-owner', '--file', join(content, 'layer.tar'), '--directory', root, '.']);
  const config = configOf(image, await digestOf(join(content, 'layer.tar')));
  const manifest = [{ Config: 'config.json', RepoTags: [image.tag], Layers: ['layer.tar'] }];
  writeFileSync(join(content, 'config.json'), JSON.stringify(config));
  writeFileSync(join(content, 'manifest.json'), JSON.stringify(manifest));
  try {
    renameSync(content, path);
  } catch (error) {
    // Another test file was faster.
    if (!existsSync(path)) throw error;
  }
  rmSync(work, { recursive: true });
  return path;
}

function configOf({ config }: Image, layer: string): object {
  const { Cmd, Env, Volumes, Port, StopSignal, WorkingDir } = config;
  const created = '2024-01-01T00:00:00Z';
  return {
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: 'linux',
    created,
    config: {
      Cmd,
      Entrypoint: ['docker-entrypoint.sh'],
      Env,
      ExposedPorts: { [`${Port}/tcp`]: {} },
      StopSignal,
      Volumes: Object.fromEntries(Volumes.map((path) => [path, {}])),
      WorkingDir,
    },
    history: [{ created }],
    rootfs: { type: 'layers', diff_ids: [layer] },
  };
}

const ARCHITECTURES: Partial<Record<string, string>> = { x64: 'amd64' };

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return `sha256:${hash.digest('hex')}`;
}
