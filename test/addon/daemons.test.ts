import { describe, expect, it } from 'vitest';
import { parseDescriptor } from '../../lib/addon/descriptor.ts';
import { AddonsError } from '../../lib/errors.ts';

const failure = (toml: string): AddonsError => {
  try {
    parseDescriptor(toml, 'cache/addon.toml');
  } catch (error) {
    if (error instanceof AddonsError) return error;
  }
  throw new Error('expected an AddonsError');
};

describe('[daemons.NAME]', () => {
  it('says what runs, and how', () => {
    const toml = `
      [daemons.server]
      command = ["serve", "--port", "0"]
      instances = 3
      stop_timeout = 5
      max_age = 3600
      log_size = 65536
      log_files = 2

      [daemons.server.limits]
      memory = 1073741824
      files = 1024
      processes = 64
      cpu = 60
      file_size = 4096

      [daemons.worker]
      command = ["./work"]

      [daemons.shard]
      command = ["./shard"]
      each = "shards"
      stop_signal = "INT"
    `;
    expect(parseDescriptor(toml, 'addon.toml').daemons).toEqual({
      server: {
        command: ['serve', '--port', '0'],
        instances: 3,
        stopSignal: 'TERM',
        stopTimeout: 5,
        maxAge: 3600,
        logSize: 65536,
        logFiles: 2,
        limits: { memory: 1073741824, files: 1024, processes: 64, cpu: 60, file_size: 4096 },
      },
      worker: {
        command: ['./work'],
        instances: 1,
        stopSignal: 'TERM',
        stopTimeout: 30,
        maxAge: 0,
        logSize: 1_000_000,
        logFiles: 5,
        limits: {},
      },
      shard: {
        command: ['./shard'],
        instances: 1,
        each: 'shards',
        stopSignal: 'INT',
        stopTimeout: 30,
        maxAge: 0,
        logSize: 1_000_000,
        logFiles: 5,
        limits: {},
      },
    });
  });

  it.each([
    ['[daemons.web]\n', 'cache/addon.toml, line 1, has no command in [daemons.web].'],
    ['[daemons.web]\ncommand = "serve"\n', 'line 2, has a wrong value for daemons.web.command: expected an array'],
    ['[daemons.web]\ncommand = []\n', 'line 2, has a wrong value for daemons.web.command'],
    ['[daemons.web]\ncommand = ["a"]\ninstances = 65\n', 'line 3, has a wrong value for daemons.web.instances'],
    ['[daemons.web]\ncommand = ["a"]\nstop_timeout = 0.5\n', 'line 3, has a wrong value for daemons.web.stop_timeout'],
    ['[daemons.web]\ncommand = ["a"]\nmax_age = -1\n', 'line 3, has a wrong value for daemons.web.max_age'],
    ['[daemons.web]\ncommand = ["a"]\nstop_timout = 1\n', 'line 3, has an unknown key in [daemons.web]: stop_timout.'],
    ['[daemons.web]\ncommand = ["a"]\nlimits = 1\n', 'line 3, has a wrong value for daemons.web.limits'],
    [
      '[daemons.web]\ncommand = ["a"]\n[daemons.web.limits]\nfile = 1\n',
      'line 4, has an unknown key in [daemons.web.limits]: file.',
    ],
    ['[daemons.web]\ncommand = ["a"]\neach = "../b"\n', 'line 3, has a wrong value for daemons.web.each'],
    ['[daemons.web]\ncommand = ["a"]\nstop_signal = "KILL"\n', 'line 3, has a wrong value for daemons.web.stop_signal'],
    ['[daemons.web]\ncommand = ["a"]\neach = "b"\ninstances = 2\n', 'line 1, has both instances and each'],
    ['[daemons."a b"]\ncommand = ["a"]\n', 'line 1, has a daemon of the name "a b".'],
    ['daemons = 1\n', 'line 1, has a key outside of any section: daemons.'],
  ])('%j is refused, with file, line and key', (toml, message) => {
    const { code, message: text, hint } = failure(toml);
    expect({ code, hasHint: hint !== undefined }).toEqual({ code: 'malformed', hasHint: true });
    expect(text).toContain(message);
  });

  it('tells the nearest key', () => {
    expect(failure('[daemons.web]\ncommand = ["a"]\nstop_timout = 1\n').message).toContain('"stop_timeout"');
  });
});
