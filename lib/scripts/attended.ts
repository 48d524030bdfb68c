/**
 * The `/bin/sh` program that a program runs under which is talked to: `sh -c ATTENDED name PROGRAM ARGUMENT…`, with an open
 * pipe as descriptor 3.
 *
 * When the other end of that pipe is closed, because its process is gone, even by `kill -9`, the whole group is killed: the
 * program may hang, ignore the end of its stdin, or have children that hold it open.
 *
 * What a shell starts with `&` has an empty stdin, so the pipe goes by way of another descriptor.
 */
export const ATTENDED = `
exec 4<&0
"$@" <&4 3<&- 4<&- &
program=$!
exec 4<&- </dev/null
{ read -r _ <&3; kill -s KILL 0; } >/dev/null 2>&1 &
attendant=$!
exec 3<&-
wait "$program"
status=$?
kill -s KILL "$attendant" 2>/dev/null
exit "$status"
`;
