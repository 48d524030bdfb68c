/**
 * The `/bin/sh` program that runs one journaled script: `sh -c WRAPPER name RUN HERE OWNER TRACE INPUT SCRIPT ARGUMENT…`.
 *
 * It outlives the process that started it, so it alone makes start and end of the script durable:
 * `pid` is claimed with a hard link (recovery may claim it first, then the script never starts), `out` has
 * its blocks reserved (on a full disk a script could otherwise not tell the id of what it made), and `exit`
 * holds the status and how many bytes of `out` count (a daemon left behind may write later).
 *
 * OWNER (`uid:gid`, only as root) gets the files, so that the platform's own user can recover what root began.
 *
 * `fallocate -n` creates no file, so each is created first: with `true`, because a redirection that fails beside the
 * special built-in `:` ends the shell with a status of its own.
 *
 * Exit statuses of its own: 28 the disk is full, 77 the run was claimed by recovery; both before the script started.
 */
export const WRAPPER = `
run=$1 here=$2 owner=$3 trace=$4 input=$5
shift 5
umask 077
trap : TERM INT HUP
reserve() {
  true >>"$run/$1" || exit 28
  why=$(fallocate -n -l "$2" "$run/$1" 2>&1) && return
  case $why in *'No space left'* | *'quota exceeded'*) exit 28 ;; esac
}
make_durable() { sync "$@" 2>/dev/null || sync; }
reserve out 8192
reserve exit.t 64
IFS= read -r stat <"/proc/$$/stat" || stat=
printf '%s\\n%s\\n%s\\n' "$$" "$stat" "$here" >"$run/pid.t" || exit 28
true >"$run/err" || exit 28
[ -z "$owner" ] || chown "$owner" "$run/out" "$run/exit.t" "$run/pid.t" "$run/err"
ln "$run/pid.t" "$run/pid" 2>/dev/null || exit 77
make_durable "$run/pid" "$run"
if [ "$trace" ]; then
  "$@" 1<>"$run/out" <"$input"
else
  "$@" 1<>"$run/out" 2>"$run/err" <"$input"
fi
status=$?
bytes=$(wc -c <"$run/out")
printf '%s %s\\n' "$status" $((bytes)) 1<>"$run/exit.t"
make_durable "$run/out" "$run/exit.t"
mv "$run/exit.t" "$run/exit"
make_durable "$run"
`;

export const WRAPPER_STATUS = { diskFull: 28, claimedByRecovery: 77 } as const;
