import { spawn } from 'node:child_process';
import { RUN_TAG } from './kill-run.ts';
import { type LaneSetting, laneChange } from './lane-setting.ts';
import type { UrlJob } from './url-job.ts';

/** A long-lived shell that runs scripts, one at a time, for any add-on. */
export interface LaneShell {
  /** Pid, process group and session; undefined if it did not start. */
  readonly pid: number | undefined;
  /** Why it could not be started. */
  readonly failure: Error | undefined;
  /** The script it is set up for: running that one again is the cheapest. */
  readonly script: string;
  /** Runs the script under the tag `<owner>-<number>`; gives its exit status, or undefined when the shell ended first. */
  run(number: number, job: UrlJob): Promise<number | undefined>;
  /** Lets it end by itself. Resolves when it is gone. */
  end(): Promise<void>;
}

export interface LaneShellOptions {
  /** Directory that gets `<tag>.out` and `<tag>.err`. */
  outputs: string;
  /** What all tags start with. Told once: the shell reads its stdin byte by byte. */
  owner: string;
  /** File descriptor that gets stderr instead of `<tag>.err`. */
  trace?: number | undefined;
  /** Absolute path of a POSIX shell named `sh`: under its own name bash would read ~/.bashrc, as its stdin is a socket. */
  shell: string;
}

/**
 * Starts a lane, set up for this job. It never keeps this process from ending, and ends with it, even after
 * `kill -9`: by end of file.
 *
 * @param onEnd called once when it is gone
 */
export function openLaneShell(
  { outputs, owner, trace, shell }: LaneShellOptions,
  first: UrlJob,
  onEnd: (lane: LaneShell) => void,
): LaneShell {
  const loop = trace === undefined ? KEEPING_STDERR : PASSING_STDERR;
  const child = spawn(shell, ['-c', loop, 'addons-lane', first.script, outputs, owner], {
    cwd: first.cwd,
    env: first.env,
    detached: true,
    stdio: ['pipe', 'pipe', trace ?? 'ignore'],
  });
  let setUp: LaneSetting = first;
  let failure: Error | undefined;
  let answer: ((status: number | undefined) => void) | undefined;
  let line = '';

  const ended = new Promise<void>((resolve) => {
    const end = () => {
      answer?.(undefined);
      resolve();
      onEnd(lane);
    };
    child.once('close', end);
    child.once('error', (error) => {
      failure = error;
      if (child.pid === undefined) end(); // no `close` follows where nothing was started
    });
  });
  // A write to a shell that just ended; `close` follows and says all there is to say.
  child.stdin?.on('error', () => {});
  child.stdout?.setEncoding('latin1').on('data', (text: string) => {
    line += text;
    if (!line.endsWith('\n')) return;
    const status = Number(line.slice(line.lastIndexOf(' ') + 1));
    line = '';
    answer?.(status);
  });
  child.unref();
  unref(child.stdin);
  unref(child.stdout);

  const lane: LaneShell = {
    pid: child.pid,
    get failure() {
      return failure;
    },
    get script() {
      return setUp.script;
    },
    run: (number, job) =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null || failure) return resolve(undefined);
        answer = resolve;
        child.stdin?.write(`${number}\n${laneChange(setUp, job)}\n${job.id}\n${job.private}\n`);
        setUp = job;
      }),
    async end() {
      child.ref();
      child.stdin?.end();
      // One that is stopped never reads the end of its input.
      const stuck = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN);
      await ended;
      clearTimeout(stuck);
    },
  };
  return lane;
}

const ENDS_WITHIN = 1000; // ms

// In the foreground: started with `&`, a script would ignore INT and QUIT for ever. The traps keep a script's `kill 0`
// from ending the lane; caught signals, unlike ignored ones, are reset in the scripts. Files, not pipes: a daemon left
// behind may hold them as long as it likes. A directory that is gone must not leave the script in another's.
const loopOf = (stderr: string) => `trap : HUP INT QUIT TERM
addons_script=$1
while IFS= read -r addons_number; do
  addons_tag=$3-$addons_number
  while :; do
    IFS= read -r addons_line || exit
    case $addons_line in
      =*) export "\${addons_line#=}" ;;
      -*) unset "\${addons_line#-}" ;;
      /*) cd "$addons_line" 2>/dev/null || addons_script=/dev/null ;;
      +*) addons_script=\${addons_line#+} ;;
      *) break ;;
    esac
  done
  IFS= read -r addons_id && IFS= read -r addons_private || exit
  ${RUN_TAG}=$addons_tag "$addons_script" "$addons_id" "$addons_private" </dev/null >"$2/$addons_tag.out" ${stderr}
  echo "$addons_number $?"
done`;

/** The programs of the two kinds of lane; exported for shellcheck. */
export const KEEPING_STDERR = loopOf('2>>"$2/$addons_tag.err"');
export const PASSING_STDERR = loopOf('');

// Pipes of a child are sockets in Node, which its types do not tell.
function unref(stream: object | null | undefined): void {
  if (stream && 'unref' in stream && typeof stream.unref === 'function') stream.unref();
}
