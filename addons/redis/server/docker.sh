# A server as a container. It is reached at its own address, so it takes no port of the host and is not seen from outside.
# shellcheck shell=sh

image=${ADDON_CONFIG_IMAGE:-}

docker_answers() {
  command -v docker >/dev/null 2>&1 && docker version --format '{{.Server.Version}}' >/dev/null 2>&1
}

need_docker() {
  docker_answers || fail "The Docker engine does not answer $(id -un)${DOCKER_HOST:+ at $DOCKER_HOST}. Start it (systemctl start docker), or let this user talk to it (usermod -aG docker $(id -un)), and run the command again."
}

# container_state: one word of Docker's, or "absent"; or "moved" where it has the data at a place where that was before.
container_state() {
  if known=$(docker inspect --type container \
    --format '{{index .Config.Labels "addons.token"}} {{.State.Status}} {{index .Config.Labels "addons.data"}}' "$container" 2>/dev/null); then
    [ "${known%% *}" = "$token" ] || fail "The container $container belongs to somebody else. Rename or remove it, and run the command again."
    known=${known#* }
    place=${known#* }
    if is_same "$place" "$ADDON_DATA"; then
      printf %s "${known%% *}"
    elif [ -e "$place/token" ]; then
      fail "The container $container has its data in $place, of which $ADDON_DATA is a copy. Use a Docker engine of its own for the copy, or remove the copy."
    else
      printf moved
    fi
  else
    need_docker
    printf absent
  fi
}

# start_container: brings it up whatever became of it. The data stands outside of it.
start_container() {
  state=$(container_state) || exit 1
  case $state in
    running | restarting) return 0 ;;
    paused) docker unpause "$container" >/dev/null && return 0 ;;
    exited | created) ! docker start "$container" >/dev/null 2>&1 || return 0 ;;
    moved) docker stop --time 60 "$container" >/dev/null || : ;;
  esac
  # Dead, half removed, moved, or without what it needs to start: a new one finds the same data.
  [ "$state" = absent ] || docker rm --force --volumes "$container" >/dev/null
  check_version
  need_image
  engine_container >/dev/null
  settings_wanted | put "$dir/settings"
}

# new_container OPTIONS… IMAGE COMMAND…: for engine_container. The engine goes on making a container when its client is killed. So
# the client outlives us, in a session of its own, and keeps the lock of the instance until the container is there.
new_container() {
  env -u ADDONS_RUN setsid --wait docker run --detach --name "$container" --restart "${ADDON_CONFIG_RESTART:-unless-stopped}" \
    --network "${ADDON_CONFIG_NETWORK:-bridge}" --label "addons.platform=$ADDONS_PLATFORM" --label "addons.addon=$ADDON" \
    --label "addons.token=$token" --label "addons.data=$ADDON_DATA" "$@"
}

# check_docker: for enable. Settings that would make every later start fail.
check_docker() {
  need_docker
  case ${ADDON_CONFIG_RESTART:-no} in
    no | always | unless-stopped | on-failure | on-failure:[1-9]*) ;;
    *) fail "restart = \"$ADDON_CONFIG_RESTART\" in $(overrides) is no restart policy of Docker. Say \"unless-stopped\", \"always\", \"on-failure\" or \"no\"." ;;
  esac
  docker network inspect "${ADDON_CONFIG_NETWORK:-bridge}" >/dev/null 2>&1 ||
    fail "There is no Docker network \"$ADDON_CONFIG_NETWORK\", which $(overrides) names: docker network create $ADDON_CONFIG_NETWORK"
  need_image
  [ -n "$(version_next 2>/dev/null)" ] || fail "The image $image, of $(overrides), has no $engine_program that says its version: it is no image of $engine_title."
}

need_image() {
  docker image inspect "$image" >/dev/null 2>&1 || docker pull "$image" >&2 ||
    fail "The image $image is not here and cannot be pulled, see above. Pull or load it, or set image in $(overrides)."
}

# container_address: "pid host", or nothing while it has none.
container_address() {
  docker inspect --format "{{.State.Pid}} {{with index .NetworkSettings.Networks \"${ADDON_CONFIG_NETWORK:-bridge}\"}}{{.IPAddress}}{{end}}" "$container" 2>/dev/null
}

# container_is_seen PID: whether that pid is the container's here, and not in a virtual machine or on another host.
container_is_seen() {
  id=$(docker inspect --format '{{.Id}}' "$container") && grep -q "$id" "/proc/$1/cgroup" 2>/dev/null
}

# The exit is explicit: without it, a container of somebody else would be removed where "set -e" is off.
stop_container() {
  state=$(container_state) || exit 1
  [ "$state" = absent ] || docker stop --time 60 "$container" >/dev/null
}

remove_container() {
  state=$(container_state) || exit 1
  [ "$state" = absent ] || docker rm --force --volumes "$container" >/dev/null
}

# remove_tree DIR: its files may belong to a user that only exists in the container.
remove_tree() {
  rm -rf "$1" 2>/dev/null || {
    [ "$mode" = docker ] &&
      docker run --rm --network none --user 0 --volume "${1%/*}:/parent" --entrypoint rm "$image" -rf "/parent/${1##*/}"
  } ||
    fail "$1 cannot be removed. Remove it as root."
}
