# Where a server answers, as long as the process that answered there still lives. Starts no program: url runs at every release.
# shellcheck shell=sh

# known_address DIR: sets host and port.
known_address() {
  { read -r known_boot known_pid known_start host port known_place <"$1/running"; } 2>/dev/null || return 1
  read -r boot </proc/sys/kernel/random/boot_id || return 1
  [ "$known_boot" = "$boot" ] && is_same "$known_place" "$1" && [ "$(process_start "$known_pid")" = "$known_start" ] &&
    ! is_paused "$known_pid"
}

# is_same PATH PATH: whether both lead to one directory. What was noted in another one came with a copy: it is of a server
# that has other data.
is_same() {
  # shellcheck disable=SC3013 # POSIX since 2024, and in every sh of Debian
  [ "$1" = "$2" ] || [ "$1" -ef "$2" ]
}

# is_paused PID: whether its container is. What it waits for in the kernel tells, under cgroups of either version.
is_paused() {
  { read -r waits <"/proc/$1/wchan" || :; } 2>/dev/null
  case ${waits:-} in
    *freezer* | *refrigerator*) ;;
    *) return 1 ;;
  esac
}

# process_start PID: when it began, in clock ticks; nothing if it is gone or a zombie. A pid alone may be somebody else's by now.
process_start() {
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
  # shellcheck disable=SC2086 # the fields after the name, which may hold anything
  set -- ${stat##*) }
  case $1 in
    Z | X) ;;
    *) printf %s "${20}" ;;
  esac
}
