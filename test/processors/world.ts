import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listener, platform, type World } from '../operations/world.ts';
import { processesWith } from '../scripts/fixtures/place.ts';

/** A platform whose add-on `vault` has processors. */
export interface ProcessorWorld extends World {
  /** Writes `/etc/x/processors/addons-processor-NAME`, a whole program. */
  program(name: string, text: string, mode?: number): string;
  /** Writes the operator's sections for all add-ons. */
  settings(toml: string): void;
  /** Runs `enable` of vault, whose script writes these lines, and gives the warnings and notes, and what was kept. */
  once(lines?: string): Promise<{ warnings: string[]; notes: string[]; output: string; took: number }>;
  /** Pids of processors that still run. */
  left(): number[];
}

export function processorWorld(): ProcessorWorld {
  const world = platform();
  const { processors, settings, etcRoot, libRoot } = world.addons.platform;
  mkdirSync(processors, { recursive: true });
  chmodSync(etcRoot, 0o755);
  return {
    ...world,
    program(name, text, mode = 0o755) {
      const path = join(processors, `addons-processor-${name}`);
      rmSync(path, { recursive: true, force: true });
      writeFileSync(path, text);
      chmodSync(path, mode);
      return path;
    },
    settings: (toml) => writeFileSync(settings, toml),
    async once(lines = 'echo hello') {
      world.install('vault', { enable: lines });
      const { events, onProgress } = listener();
      const began = performance.now();
      await world.addons.enable('vault', { again: true, onProgress });
      const took = performance.now() - began;
      const told = (type: string) => events.filter((event) => event.type === type).map(({ message }) => message);
      const [last] = (await world.addons.executions({ addon: 'vault' })).slice(-1);
      return { warnings: told('warning'), notes: told('note'), output: last?.output ?? '', took };
    },
    left: () => processesWith('X_LIB_ROOT', libRoot),
  };
}

/** Answers every call: the handshake as it should be, and `process` with the body of a function. */
export const inPython = (body: string): string => `#!/usr/bin/env python3
import json, os, sys, time
def process(execution, config):
${body.replace(/^/gm, '    ')}
for line in sys.stdin:
    call = json.loads(line)
    params = call["params"]
    if call["method"] == "handshake":
        result = {"protocol": 1, "kind": "processor", "name": params["name"]}
    else:
        result = process(params["execution"], params["config"])
    print(json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": result}), flush=True)
`;

/** The same in sh: `$id` is the call's, `$line` all of it. */
export const inShell = (body: string, handshake = HANDSHAKE): string => `#!/bin/sh
while IFS= read -r line; do
  id=\${line#*'"id":'}
  id=\${id%%,*}
  case $line in
    *'"method":"handshake"'*) ${handshake} ;;
    *) ${body} ;;
  esac
done
`;

const HANDSHAKE = `
      name=\${line##*'"name":"'}
      name=\${name%%'"'*}
      echo '{"jsonrpc":"2.0","id":'"$id"',"result":{"protocol":1,"kind":"processor","name":"'"$name"'"}}'`;

/** For `inShell`: leaves the execution as it was. */
export const UNCHANGED = `echo '{"jsonrpc":"2.0","id":'"$id"',"result":null}'`;
