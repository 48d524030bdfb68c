# One running server with its own directory: $ADDON_DATA/servers/NAME, holding data, port, version, and where it was seen last.
# shellcheck shell=sh

# use_instance NAME: sets dir and container.
use_instance() {
  dir=$ADDON_DATA/servers/$1
  container=$ADDONS_PLATFORM-$(printf %s "$ADDON" | tr '[:upper:]' '[:lower:]')-$1-$token
}

# create_instance: its directory. engine_create fills it before it gets its name, so nobody sees half of one.
create_instance() {
  [ ! -d "$dir" ] || return 0
  make_directory "$ADDON_DATA/servers" 711
  final=$dir
  dir=${final%/*}/.new.${final##*/}
  remove_tree "$dir"
  make_directory "$dir" 711
  mkdir "$dir/data"
  if [ "$mode" = host ]; then
    own_data "$dir/data"
    check_way
  fi
  engine_create
  sync "$dir"/* "$dir"
  mv -T "$dir" "$final"
  sync "${final%/*}"
  dir=$final
}

# reach: sets host and port of the running server, and starts it where it is not. With renew=1 it also starts one anew that
# runs with other settings than those of now.
reach() {
  [ -z "${renew:-}" ] && known_address "$dir" && return 0
  locked bring_up
  known_address "$dir" || read -r _ _ _ host port _ <"$dir/running"
}

# locked COMMAND…: runs it while nobody else starts, stops or destroys this instance. What it sets is lost.
locked() {
  [ -d "$dir" ] || fail "$dir is missing. Put it back from a backup, or remove the add-on from the app and add it again."
  make_file "$dir/lock"
  # shellcheck disable=SC2094 # nothing is written to it
  (
    flock -w 120 9 || fail "Another process has been starting or stopping the server for two minutes. See: fuser $dir/lock"
    [ -d "$dir" ] || fail "$dir has just been removed."
    "$@"
  ) 9>"$dir/lock"
}

# bring_up: under the lock. Leaves "boot pid start host port place" in the file running.
bring_up() {
  if [ -n "${renew:-}" ]; then
    settings_wanted | cmp -s - "$dir/settings" || take_down
  elif known_address "$dir"; then
    return 0 # another process has done it while this one waited
  fi
  rm -f "$dir/running"
  # It may answer for a moment yet.
  [ ! -e "$dir/stopping" ] || stop_instance
  case $mode in
    docker)
      start_container
      port=$engine_port
      wait_ready || { docker logs --tail 20 "$container" >&2 || :; fail "The container $container does not get ready.$(stopped_for_now)"; }
      address=$(container_address)
      host=${address#* }
      pid=${address% *}
      [ -n "$host" ] || fail "The container $container has no address in the network ${ADDON_CONFIG_NETWORK:-bridge}."
      container_is_seen "$pid" || pid=0
      ;;
    host)
      host=${ADDON_CONFIG_LISTEN:-127.0.0.1}
      start_process
      pid=$(live_process)
      pid=${pid% *}
      ;;
  esac
  [ -s "$dir/version" ] || note_version
  read -r boot </proc/sys/kernel/random/boot_id
  start=$(process_start "$pid")
  printf '%s %s %s %s %s %s\n' "$boot" "$pid" "${start:--}" "$host" "$port" "$dir" | put "$dir/running"
}

# stopped_for_now: what became of a server that was to start anew with other settings.
stopped_for_now() {
  [ -z "${renew:-}" ] || printf ' It is down until the settings in %s are right: addons enable --again %s.' "$(overrides)" "$ADDON"
}

# settings_wanted: what a server has to be started anew for when it changes.
settings_wanted() {
  case $mode in
    docker) need_image && docker image inspect --format '{{.Id}}' "$image" && printf '%s\n' "${ADDON_CONFIG_NETWORK:-}" "${ADDON_CONFIG_RESTART:-}" ;;
    host) printf '%s\n' "${ADDON_CONFIG_LISTEN:-}" ;;
  esac
  ! [ -d "$dir/conf" ] || cat "$dir"/conf/* | cksum
}

# take_down: ends the server so that it starts with the settings of now. Its data stays, and must be of that version.
take_down() {
  check_version
  stop_instance
  [ "$mode" != docker ] || remove_container
}

# wait_ready: until engine_ready, within ADDON_CONFIG_START_TIMEOUT seconds; at once false if the process ended.
wait_ready() {
  until_then=$(($(date +%s) + ${ADDON_CONFIG_START_TIMEOUT:-60}))
  while ! engine_ready >/dev/null 2>&1; do
    [ "$(date +%s)" -lt "$until_then" ] || return 1
    sleep 0.1
    case $mode in
      docker)
        state=$(container_state) || exit 1
        [ "$state" != exited ] || return 1
        ;;
      host) [ -n "$(process_start "$launched")" ] || return 1 ;;
    esac
  done
}

# The major version: of the data, if the server runs that it would run with, and of the server that runs.
version_next() {
  case $mode in
    docker) need_image && docker run --rm --network none --entrypoint "$engine_program" "$image" --version ;;
    host) "$engine_program" --version ;;
  esac | engine_major
}

version_running() {
  case $mode in
    docker) docker exec "$container" "$engine_program" --version ;;
    host) "$engine_program" --version ;;
  esac | engine_major
}

note_version() {
  version=$(version_running)
  [ -n "$version" ] || fail "$engine_program does not say its version."
  printf '%s\n' "$version" | put "$dir/version"
}

# check_version: data of another major version is never opened: the server would refuse it, or change it for good.
check_version() {
  [ -s "$dir/version" ] || return 0
  read -r was <"$dir/version"
  is=$(version_next)
  [ -n "$is" ] || fail "$engine_program does not say its version."
  [ "$was" = "$is" ] || fail "The data in $dir is of $engine_title $was, and this is $engine_title $is. Nothing was started. To upgrade: set it back to $was (image in $(overrides), or the older package), addons release --all; addons dump APP $ADDON -o FILE for each app; addons disable $ADDON; choose $is again; addons enable $ADDON; addons add and addons restore for each app."
}

# stop_instance: the server ends, its data stays. The mark is for whoever comes after one that was killed here.
stop_instance() {
  make_file "$dir/stopping"
  rm -f "$dir/running"
  case $mode in
    docker) stop_container ;;
    host) stop_process ;;
  esac
  rm -f "$dir/stopping"
}

# destroy_instance: server and data. Safe to run again from any point.
destroy_instance() {
  gone=${dir%/*}/.gone.${dir##*/}
  remove_tree "$gone"
  if [ -d "$dir" ]; then
    locked end_and_hide
  elif [ "$mode" = docker ]; then
    remove_container
  fi
  remove_tree "$gone"
  remove_tree "${dir%/*}/.new.${dir##*/}"
  [ ! -d "${dir%/*}" ] || sync "${dir%/*}"
}

# Renamed before it is removed: killed half-way, nobody takes what is left for an instance.
end_and_hide() {
  case $mode in
    docker) remove_container ;;
    host)
      [ -w "$dir/data" ] || [ ! -e "$dir/data" ] || fail "$dir/data belongs to another user than $(id -un). Run the command as root."
      stop_process
      ;;
  esac
  mv -T "$dir" "$gone"
}

# instances: the names of all, one a line. Hidden ones are half done.
instances() {
  [ ! -d "$ADDON_DATA/servers" ] || ls "$ADDON_DATA/servers"
}

# forget_all: for disable, when no instance is left. A disable that finds no file "mode" has only forget_mode to do.
forget_all() {
  if [ -d "$ADDON_DATA/servers" ]; then
    for half in "$ADDON_DATA"/servers/.new.* "$ADDON_DATA"/servers/.gone.*; do
      [ ! -e "$half" ] || remove_tree "$half"
    done
    rm -f "$ADDON_DATA/servers/.ports"
    rmdir "$ADDON_DATA/servers"
  fi
  [ "$mode" != host ] || remove_server_user
  forget_mode
}
