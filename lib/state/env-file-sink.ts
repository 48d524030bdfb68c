import { join } from 'node:path';
import { editEnv, readEnv } from '../app/env-file.ts';
import { type App, appOwner } from './apps.ts';
import { type FileContent, readRegularFile, replaceFile } from './atomic-file.ts';
import type { ConfigVarSink, ConfigVars } from './config-var-sink.ts';
import type { Disk } from './disk.ts';

/** Config vars in the file `ENV` of the app's directory. */
export function envFileSink(disk: Disk): ConfigVarSink {
  const place = ({ dir }: App) => join(dir, 'ENV');
  return {
    place,
    read: async (app) => configVarsIn(readRegularFile(place(app))),
    check: async (app, changes) => void editEnv(readRegularFile(place(app)).bytes, changes),
    async change(app, changes) {
      const path = place(app);
      const seen = readRegularFile(path);
      const bytes = editEnv(seen.bytes, changes);
      if (bytes.equals(seen.bytes)) return false;
      await replaceFile(disk, path, bytes, seen, appOwner(app));
      return true;
    },
  };
}

function configVarsIn({ bytes, identity }: FileContent): ConfigVars {
  let values: Map<string, string> | undefined;
  return {
    // Most who read it compare it only.
    get values() {
      values ??= readEnv(bytes);
      return values;
    },
    version: identity === undefined ? 'none' : `=${bytes.toString('latin1')}`,
  };
}
