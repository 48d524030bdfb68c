# What is Redis' own: how a server of it is set up, started, asked.
# shellcheck shell=sh

. "$ADDON_ROOT/packages.sh"
. "$ADDON_ROOT/resource.sh"
. "$ADDON_ROOT/users.sh"

engine_title=Redis
engine_program=redis-server
engine_port=6379

# engine_major <VERSION-TEXT. Valkey says the same with its own name.
engine_major() {
  sed -n 's/.* v=\([0-9][0-9]*\)\..*/\1/p'
}

# engine_create: conf/ is ours; what the server writes is in data/. It keeps its data in "current", a link: restore changes over
# by one rename. The users are beside it.
engine_create() {
  mkdir -m 755 "$dir/conf"
  configuration | put "$dir/conf/redis.conf"
  chmod 644 "$dir/conf/redis.conf"
  users=$(first_users)
  # Not by root on the host: the directory is the servers' user's, who could have it write elsewhere.
  printf '%s\n' "$users" | (
    cd "$dir/data" || exit
    set -- sh -c 'set -eu; umask 077; mkdir set-0; ln -s set-0 current; cat >users.acl; sync users.acl .'
    [ "$mode" != host ] || set -- as_server "$@"
    "$@"
  )
}

# configuration: the same text in a container and on the host, as every path is relative to data/.
configuration() {
  cat <<END
dir ./current
aclfile ../users.acl
appendonly $([ "${ADDON_CONFIG_APPENDONLY:-1}" = 1 ] && echo yes || echo no)
maxmemory ${ADDON_CONFIG_MAXMEMORY:-0}
maxmemory-policy ${ADDON_CONFIG_MAXMEMORY_POLICY:-noeviction}
repl-diskless-sync-delay 0
sanitize-dump-payload clients
END
}

# The image's own start script gives away only files that it knows, since Redis 8. Not by --volume, which makes an empty
# directory where one is missing, such as on a disk that is not mounted yet.
engine_container() {
  # shellcheck disable=SC2016 # for the inner shell
  new_container --mount "type=bind,source=$dir/data,target=/data" \
    --mount "type=bind,source=$dir/conf,target=/etc/redis-addon,readonly" --workdir /data --user 0 --entrypoint sh "$image" -c '
      user=redis
      id -u redis >/dev/null 2>&1 || user=valkey
      chown -hR "$user:" . && exec docker-entrypoint.sh redis-server /etc/redis-addon/redis.conf'
}

engine_process() {
  cd "$dir/data" || fail "Nobody can enter $dir/data."
  as_server redis-server ../conf/redis.conf --port "$port" --bind "${ADDON_CONFIG_LISTEN:-127.0.0.1}"
}

# engine_ready: sets answer. A server that still loads its data is on the way: the address holds, and its clients know how to
# wait. One whose disk is full lets them read.
engine_ready() {
  limit='timeout 5'
  answer=$(client PING </dev/null) || :
  limit=
  case $answer in
    PONG | LOADING* | MISCONF*) ;;
    *) return 1 ;;
  esac
}

# client OPTION-OR-COMMAND…: redis-cli as administrator. The password goes by the environment, where only the same user looks.
client() {
  client_as "${admin_user:-admin}" "$admin" "$@"
}

# client_as USER PASSWORD OPTION-OR-COMMAND…
client_as() {
  asked_as=$1 asked_with=$2
  shift 2
  # shellcheck disable=SC2086 # two words or none
  case $mode in
    docker) REDISCLI_AUTH=$asked_with ${limit:-} docker exec --interactive --env REDISCLI_AUTH "$container" redis-cli --no-auth-warning --user "$asked_as" "$@" ;;
    host) REDISCLI_AUTH=$asked_with ${limit:-} redis-cli --no-auth-warning --user "$asked_as" -h "$host" -p "$port" "$@" ;;
    external) REDISCLI_AUTH=$asked_with ${limit:-} redis-cli --no-auth-warning --user "$asked_as" -h "$host" -p "$port" ${tls:+--tls --sni "$host"} "$@" ;;
  esac
}

# inside COMMAND…: runs it in data/ where the server runs. Not as root of this host: the server's user could lead it astray.
inside() {
  case $mode in
    docker)
      owner=${owner:-$(docker exec "$container" stat -c %u:%g /data </dev/null)}
      docker exec --interactive --user "$owner" --workdir /data "$container" "$@"
      ;;
    host) (cd "$dir/data" && as_server "$@") ;;
  esac
}

# at_rest COMMAND…: the same for a server that does not run.
at_rest() {
  case $mode in
    docker)
      program=$1
      shift
      docker run --rm --network none --user 0 --mount "type=bind,source=$dir/data,target=/data" --workdir /data \
        --entrypoint "$program" "$image" "$@"
      ;;
    host) inside "$@" ;;
  esac
}
