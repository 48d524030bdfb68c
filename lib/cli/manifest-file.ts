import { createReadStream, existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { isAppJson, manifestOfAppJson } from '../app/app-json.ts';
import { LARGEST_JSON, readJson } from '../app/json-tree.ts';
import { manifestOf } from '../app/manifest.ts';
import { AddonsError, fromSystem, systemCode } from '../errors.ts';
import type { Manifest } from '../operations/results.ts';
import type { Call } from './call.ts';

/** A manifest, and where it came from. */
export interface ManifestFile {
  manifest: Manifest;
  /** The file's base name, or `stdin`. */
  name: string;
  stdin: boolean;
}

/**
 * Reads the manifest that was named, `-` for stdin; else `addons.json` or `app.json` in the current directory.
 *
 * @throws {AddonsError} `usage` without a file, or without the app that an `app.json` is for; `malformed`
 */
export async function readManifestFile(call: Call): Promise<ManifestFile> {
  const file = call.one('file') ?? DEFAULTS.find((name) => existsSync(join(call.io.cwd, name)));
  if (file === undefined) throw noFile(call);
  const stdin = file === '-';
  const name = stdin ? 'stdin' : basename(file);
  const document = readJson(await bytesOf(call, file), stdin ? name : file);
  if (!isAppJson(document)) {
    if (call.flags.app === undefined) return { manifest: manifestOf(document), name, stdin };
    throw new AddonsError('usage', `--app is for an app.json; ${name} is to name its apps itself.`, {
      hint: 'Leave out --app.',
    });
  }
  const app = call.app();
  if (app === undefined) {
    throw new AddonsError('usage', `${name} is an app.json of Heroku, which does not say the app's name.`, {
      hint: `Name the app: addons ${call.verb} ${file} --app NAME, or say once: addons use NAME`,
    });
  }
  const known = await (await call.addons()).addons();
  const { manifest, notes } = manifestOfAppJson(
    document,
    app,
    known.map((addon) => addon.name),
  );
  if (!call.json) for (const note of notes) call.report.note(`${name}: ${note}`);
  return { manifest, name, stdin };
}

const DEFAULTS = ['addons.json', 'app.json'];

async function bytesOf({ io }: Call, file: string): Promise<Buffer> {
  const path = resolve(io.cwd, file);
  try {
    return await collect(file === '-' ? io.stdin : createReadStream(path), io.signal);
  } catch (error) {
    if (io.signal.aborted)
      throw new AddonsError('aborted', `Interrupted while ${file === '-' ? 'stdin' : file} was read.`, {
        cause: error,
      });
    if (systemCode(error) === 'ENOENT') {
      throw new AddonsError('usage', `There is no file ${path}.`, { hint: 'Name the manifest: addons plan FILE' });
    }
    throw fromSystem(error, path);
  }
}

/** At most one byte more than is allowed: what is larger is refused, not read. */
async function collect(stream: Readable, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const stop = () => stream.destroy(new Error('interrupted'));
  signal.addEventListener('abort', stop);
  try {
    for await (const chunk of stream) {
      chunks.push(Buffer.from(chunk));
      size += chunk.length;
      if (size > LARGEST_JSON) break;
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return Buffer.concat(chunks);
}

const noFile = ({ io, verb }: Call): AddonsError =>
  new AddonsError('usage', `There is no ${DEFAULTS.join(' and no ')} in ${io.cwd}.`, {
    hint: `Name the manifest (addons ${verb} FILE), or write one: addons export > addons.json`,
  });
