# What is PostgreSQL's own: how a server of it is set up, started, asked.
# shellcheck shell=sh
. "$ADDON_ROOT/packages.sh"

engine_title=PostgreSQL
engine_program=postgres
engine_port=5432
# Fast shutdown: ends sessions instead of waiting for them.
engine_stop_signal=INT

# engine_major <VERSION-TEXT: "postgres (PostgreSQL) 15.14" → 15
engine_major() {
  sed -n 's/^[^0-9]*\([0-9][0-9]*\).*/\1/p' | head -n 1
}

engine_create() {
  make_directory "$dir/conf" 700
  write_options
  case $mode in
    docker) printf '%s\n' "$admin" | put "$dir/conf/password" ;;
    host)
      mkdir "$dir/socket"
      # A file of its own: the server's user may open none of ours, and no pipe of ours either.
      printf '%s\n' "$admin" >"$dir/password"
      own_data "$dir/socket"
      own_data "$dir/password"
      # shellcheck disable=SC2086 # several words
      as_server initdb --pgdata="$dir/data" --username=postgres --pwfile="$dir/password" $initdb_options >"$dir/log" 2>&1 || {
        cat "$dir/log" >&2
        fail "initdb could not prepare $dir/data, see above."
      }
      # initdb lets in from 127.0.0.1 only, but the setting listen decides who comes near.
      echo 'host all all all scram-sha-256' | as_server tee -a "$dir/data/pg_hba.conf" >/dev/null
      rm "$dir/password" "$dir/log"
      ;;
  esac
}

initdb_options='--auth-local=scram-sha-256 --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --data-checksums'

# The image's start script reads the password as root, before it becomes the server's user. The data stands at a place of ours:
# the image's own changed with version 18.
engine_container() {
  options=$(cat "$dir/conf/options")
  # shellcheck disable=SC2086 # several words
  new_container --mount "type=bind,source=$dir/data,target=/data" --env PGDATA=/data \
    --mount "type=bind,source=$dir/conf/password,target=/run/admin-password,readonly" \
    --env POSTGRES_PASSWORD_FILE=/run/admin-password --env "POSTGRES_INITDB_ARGS=$initdb_options" \
    --shm-size 256m --stop-signal INT "$image" postgres $options
}

engine_process() {
  forget_dead_lock
  # shellcheck disable=SC2046 # several words
  as_server postgres -D "$dir/data" -c "listen_addresses=${ADDON_CONFIG_LISTEN:-127.0.0.1}" -c "port=$port" \
    -c "unix_socket_directories=$(socket_directory)" $(cat "$dir/conf/options")
}

# write_options: of the server, from the settings. They win over what ALTER SYSTEM has set.
write_options() {
  {
    [ -z "${ADDON_CONFIG_MAX_CONNECTIONS:-}" ] || printf '%s\n' "-c max_connections=$ADDON_CONFIG_MAX_CONNECTIONS"
    [ -z "${ADDON_CONFIG_SHARED_BUFFERS:-}" ] || printf '%s\n' "-c shared_buffers=$ADDON_CONFIG_SHARED_BUFFERS"
  } | put "$dir/conf/options"
}

check_settings() {
  case ${ADDON_CONFIG_MAX_CONNECTIONS:-} in
    *[!0-9]*) fail "max_connections in $(overrides) is a number, \"200\" for example." ;;
  esac
  printf '%s\n' "${ADDON_CONFIG_SHARED_BUFFERS:-1GB}" | grep -Eqx '[0-9]+(kB|MB|GB)?' ||
    fail "shared_buffers in $(overrides) is a size such as \"512MB\" or \"2GB\"."
  printf '%s\n' "${ADDON_CONFIG_CONNECTION_LIMIT:--1}" | grep -Eqx -e '-1|[0-9]+' ||
    fail "connection_limit in $(overrides) is a number of connections, or -1."
}

# socket_directory: for people who look inside. The path of a socket holds 107 bytes.
socket_directory() {
  case $dir in
    *[!A-Za-z0-9/._-]*) ;;
    *) [ "${#dir}" -gt 80 ] || printf %s "$dir/socket" ;;
  esac
}

# forget_dead_lock: PostgreSQL does not start where the pid in its lock files is a zombie's, or after a reboot anybody's. That
# no process of the old server is left is known here, by server/host.sh.
forget_dead_lock() {
  lock=$dir/data/postmaster.pid
  { read -r locked <"$lock"; } 2>/dev/null || return 0
  booted=$(sed -n 's/^btime //p' /proc/stat)
  if [ -z "$(process_start "$locked")" ] || [ "$(stat -c %Y "$lock")" -lt "$booted" ]; then
    rm -f "$lock" "$dir"/socket/.s.PGSQL.*
  fi
}

engine_ready() {
  [ "$(as_admin psql -X -A -t -c 'SELECT 1')" = 1 ]
}

# use_programs PROGRAM MAJOR: Debian keeps PostgreSQL's programs beside PATH, a directory for each version. Those of this major
# version, else the newest.
use_programs() {
  programs=
  for place in $(printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin | sort -V); do
    [ -x "$place/$1" ] || continue
    programs=$place
    case $place in
      *[/-]"$2"/bin) break ;;
    esac
  done
  [ -z "$programs" ] || PATH=$programs:$PATH
}

# The programs of the version that made the data. Where there is no server, clients may be.
use_server_programs() {
  { read -r major <"$ADDON_DATA/servers/server/version"; } 2>/dev/null || major=none
  use_programs psql none
  use_programs postgres "$major"
}

use_server_programs
. "$ADDON_ROOT/admin.sh"
. "$ADDON_ROOT/resource.sh"
