import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Processes, users and files of the add-on with this data directory, as text; `token` names its users. */
export function remainsOf(data: string, token: string | undefined): string[] {
  return [
    ...processesBelow(data).map((pid) => `process ${pid} ${commandLine(pid)}`),
    ...usersOf(token).map((user) => `user ${user}`),
    ...readDirectory(data)
      .filter((name) => name !== 'enabled' && name !== 'kept') // the tool's own
      .map((name) => `file ${join(data, name)}`),
  ];
}

/** Pids of the processes that work below the directory, hold a file there open, or were told its name. */
export const processesBelow = (directory: string): number[] =>
  readDirectory('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => concerns(pid, directory))
    .map(Number);

/** Users that the add-on made for its servers. */
export const usersOf = (token: string | undefined): string[] =>
  readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':')[0] ?? '')
    .filter((user) => user.startsWith('addon-') && token !== undefined && user.endsWith(`-${token}`));

export function readDirectory(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}

function concerns(pid: string, directory: string): boolean {
  const told = ['cmdline', 'environ'].some((file) => textOf(`/proc/${pid}/${file}`).includes(`${directory}/`));
  const held = ['cwd', ...readDirectory(`/proc/${pid}/fd`).map((fd) => `fd/${fd}`)].map((link) =>
    linkOf(`/proc/${pid}/${link}`),
  );
  return (
    told ||
    textOf(`/proc/${pid}/environ`).includes(`ADDON_DATA=${directory}\0`) ||
    held.some((path) => `${path}/`.startsWith(`${directory}/`))
  );
}

const commandLine = (pid: number) => textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it ended, or is another user's
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
