# A server as a process of this host, beside whatever else runs here: own user, own port, own data.
# shellcheck shell=sh

# server_user: the name of the user that the servers of this installation run as.
server_user() {
  printf 'addon-%s-%s' "$(printf %s "$ADDON" | tr A-Z. a-z- | cut -c 1-12)" "$token"
}

# make_server_user: root gives its servers a user; anybody else runs them as himself.
make_server_user() {
  is_root || return 0
  user=$(server_user)
  tries=0
  until id -u "$user" >/dev/null 2>&1; do
    # Another useradd may hold the lock of /etc/passwd.
    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$user" 2>/dev/null && break
    tries=$((tries + 1))
    [ "$tries" -lt 20 ] || fail "The user $user cannot be made with useradd."
    sleep 0.5
  done
  own_again
}

# own_again: data that was moved or restored may have come with numbers of users that are root or strangers here.
own_again() {
  for place in "$ADDON_DATA"/servers/*/data; do
    [ -d "$place" ] || continue
    ! is_owner "$(stat -c %u "$place")" || continue
    for part in data socket tmp; do
      [ ! -d "${place%/*}/$part" ] || own_data "${place%/*}/$part"
    done
  done
}

remove_server_user() {
  is_root || return 0
  user=$(server_user)
  tries=0
  while id -u "$user" >/dev/null 2>&1; do
    said=$(userdel "$user" 2>&1) && break
    tries=$((tries + 1))
    [ "$tries" -lt 20 ] || fail "The user $user cannot be removed: $said"
    sleep 0.5
  done
  # A userdel that was killed takes the user and leaves the group.
  ! getent group "$user" >/dev/null || groupdel "$user" >&2 || fail "The group $user cannot be removed with groupdel."
}

# own_data DIR: gives a directory of no running server to the servers' user.
own_data() {
  ! is_root || chown -hR "$(server_user):$(server_user)" "$1"
}

# as_server PROGRAM…: runs it as the owner of the instance's data, with nothing of our own environment.
as_server() {
  owner=$(stat -c %u:%g "$dir/data")
  me=$(id -u)
  set -- env -i PATH="$PATH" LANG=C.UTF-8 ${TZ:+"TZ=$TZ"} ${ADDONS_DAEMON:+"ADDONS_DAEMON=$ADDONS_DAEMON"} "$@"
  if [ "$me" = 0 ]; then
    is_owner "${owner%:*}" ||
      fail "$dir/data belongs to the user number ${owner%:*}, not to $(server_user) as the servers of $ADDON do. If it was moved or restored, addons enable --again $ADDON puts that right."
  elif [ "${owner%:*}" != "$me" ]; then
    fail "The server of $ADDON runs as another user than $(id -un). Run the command as root."
  fi
  [ "$me" != 0 ] || set -- setpriv --reuid "${owner%:*}" --regid "${owner#*:}" --clear-groups --no-new-privs "$@"
  ${instead_of_shell:-} "$@"
}

# is_owner UID: whether servers may run as that user: their own, or who enabled the add-on without being root.
is_owner() {
  [ "$1" = "$(id -u "$(server_user)" 2>/dev/null)" ] || { [ "$1" != 0 ] && [ "$1" = "$(stat -c %u "$ADDON_DATA")" ]; }
}

# check_way: the server's user must be able to reach its data.
check_way() {
  as_server test -x "$dir/data" ||
    fail "The user $(stat -c %U "$dir/data") cannot enter $dir/data. Let others pass through the directories above it: chmod o+x each of them, $ADDON_DATA included."
}

# start_process: starts the server on its port, or on another one where that is taken.
start_process() {
  if is_launched; then
    # Whoever started it was killed before it was ready; or it hangs.
    wait_ready && return 0
    stop_process
  fi
  check_version
  check_way
  tries=0
  while :; do
    launch
    wait_ready && break
    tries=$((tries + 1))
    # Somebody else took the port between our look and the server's own: it is about to be started again, on another.
    if [ "$tries" -lt 5 ] && is_listened "$port" && ! is_launched; then
      rm -f "$dir/port"
      continue
    fi
    failed_to_start
  done
  settings_wanted | put "$dir/settings"
}

# launch: has the supervisor run server/run, which is there when this returns. Sets launched, its pid, and port.
launch() {
  make_file "$dir/daemon"
  tend
  waited=0
  until is_launched; do
    waited=$((waited + 1))
    [ "$waited" -lt 300 ] || failed_to_start
    sleep 0.1
  done
}

# tend: starts the servers whose directories hold the file daemon, and ends the others. They are daemons: addons daemons.
tend() {
  said=$(sh -c "$ADDONS_COMMAND tend $ADDON --quiet --wait 120" 2>&1) || fail "The supervisor of the servers: $said"
}

# become_server: what the supervisor runs.
become_server() {
  [ -e "$dir/daemon" ] || exit 0
  # Locked from here to the end of the server's last process, which have this descriptor: there are never two servers on the
  # same data, and none whose end cannot be told.
  make_file "$dir/alive"
  exec 7>>"$dir/alive"
  flock -w 20 7 || fail "Processes of an earlier server are left. See: fuser $dir/alive"
  rm -f "$dir/pid"
  check_version
  choose_port
  # The pid is told with boot and start time, which it does not outlive, and with the place, as all this may be copied.
  read -r boot </proc/sys/kernel/random/boot_id
  printf '%s %s %s %s %s\n' "$boot" $$ "$(process_start $$)" "$port" "$dir" | put "$dir/pid"
  instead_of_shell=exec
  engine_process
}

failed_to_start() {
  sh -c "$ADDONS_COMMAND logs $ADDON server --lines 20 --quiet" >&2 || :
  stop_process
  fail "The server does not start, see: addons logs $ADDON.$(stopped_for_now)"
}

unknown_processes() {
  fail "Processes of the server are left, and $(id -un) cannot see which. As root: fuser $dir/alive"
}

# is_launched: whether the server lives. Sets launched and port.
is_launched() {
  [ -n "$(live_process)" ] && read -r _ launched _ port _ <"$dir/pid"
}

# live_process: "pid start" of the server, nothing where it does not run.
live_process() {
  { read -r boot pid start _ place <"$dir/pid"; } 2>/dev/null || return 0
  read -r this_boot </proc/sys/kernel/random/boot_id
  [ "$boot" != "$this_boot" ] || ! is_same "$place" "$dir" || [ "$(process_start "$pid")" != "$start" ] || printf '%s %s' "$pid" "$start"
}

# stop_process: until its last process has ended. Without the file nothing starts it again.
stop_process() {
  # One that could not even begin has no file alive, but is started again and again.
  [ -e "$dir/alive" ] || [ -e "$dir/daemon" ] || return 0
  rm -f "$dir/daemon"
  tend
  waited=0 pid=
  until flock -n "$dir/alive" true; do
    # One that an earlier version started, or the supervisor lost.
    process=$(live_process)
    if [ -n "$process" ] && [ "$pid" != "${process% *}" ]; then
      pid=${process% *}
      kill -s "${engine_stop_signal:-TERM}" "$pid" || fail "The server (pid $pid) runs as another user than $(id -un). Run the command as root."
    fi
    sleep 0.1
    waited=$((waited + 1))
    [ "$waited" != 600 ] || [ -z "$pid" ] || kill -KILL "$pid" || :
    [ "$waited" -lt 300 ] || [ -n "$pid" ] || unknown_processes
    [ "$waited" -lt 650 ] || fail "The server (pid $pid) does not end."
  done
}

# choose_port: the one it had, where that is free.
choose_port() {
  make_file "$ADDON_DATA/servers/.ports"
  {
    flock 8
    if ! { read -r port <"$dir/port"; } 2>/dev/null || is_listened "$port"; then
      until port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 10000)) && ! is_listened "$port" && ! is_recorded "$port"; do :; done
      printf '%s\n' "$port" | put "$dir/port"
    fi
  } 8>"$ADDON_DATA/servers/.ports"
}

is_listened() {
  hex=$(printf :%04X "$1")
  awk -v port="$hex" '$4 == "0A" && substr($2, length($2) - 4) == port { found = 1 } END { exit !found }' /proc/net/tcp* 2>/dev/null
}

is_recorded() {
  for other in "$ADDON_DATA"/servers/*/port; do
    [ -f "$other" ] && read -r recorded <"$other" && [ "$recorded" = "$1" ] && return 0
  done
  return 1
}
