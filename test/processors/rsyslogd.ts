import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

/** A syslog daemon of the tests' own. */
export interface Syslogd {
  socket: string;
  /** What it was told: facility, severity, tag and message of each. */
  messages(): { priority: string; tag: string; text: string }[];
  stop(): Promise<void>;
}

/** Starts rsyslogd with a socket and a file below this directory. */
export async function startSyslogd(directory: string): Promise<Syslogd> {
  const socket = join(directory, 'log.sock');
  const file = join(directory, 'messages');
  const config = join(directory, 'rsyslog.conf');
  writeFileSync(
    config,
    `module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="${socket}" RateLimit.Interval="0")
template(name="all" type="list") {
  property(name="pri-text") constant(value=" ") property(name="syslogtag") constant(value=" ") property(name="msg")
  constant(value="\\n")
}
*.* action(type="omfile" file="${file}" template="all")
`,
  );
  const daemon = spawn('rsyslogd', ['-n', '-f', config, '-i', join(directory, 'pid')], { stdio: 'ignore' });
  const ended = once(daemon, 'exit');
  await expect.poll(() => existsSync(socket), { timeout: 30_000 }).toBe(true);
  return {
    socket,
    messages: () =>
      (existsSync(file) ? readFileSync(file, 'utf8') : '')
        .split('\n')
        .filter(Boolean)
        .map((line) => {
          const [, priority = '', tag = '', text = ''] = /^(\S+) (\S+) {1,2}(.*)$/.exec(line) ?? [];
          return { priority: priority.replace(/<\d+>$/, ''), tag, text };
        }),
    async stop() {
      daemon.kill();
      await ended;
    },
  };
}
