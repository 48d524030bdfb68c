import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs Docker's client against an engine; gives stdout without the line's end, and its stderr in the error. */
export async function docker(host: string, words: string[]): Promise<string> {
  // A user's own configuration and context say nothing here.
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', DOCKER_HOST: host };
  const { stdout } = await promisify(execFile)('docker', words, { env, maxBuffer: 1 << 26 });
  return stdout.trimEnd();
}
