#!/bin/sh
# Does what the documentation of the official image tells of its entrypoint.
set -e

main() {
  case ${1-} in
  -*) set -- postgres "$@" ;;
  esac
  [ "${1-}" = postgres ] || exec "$@"
  for argument in "$@"; do
    case $argument in
    '-?' | --help | --describe-config | -V | --version) exec "$@" ;;
    esac
  done

  # Still as root, for a file with a password may be root's alone.
  settings
  mkdir -p "$PGDATA" /var/run/postgresql
  chmod 700 "$PGDATA" || :
  if [ "$(id -u)" = 0 ]; then
    find "$PGDATA" /var/run/postgresql ! -user postgres -exec chown postgres {} +
    export HOME=/var/lib/postgresql
    exec setpriv --reuid=postgres --regid=postgres --clear-groups -- "$0" "$@"
  fi

  if [ -s "$PGDATA/PG_VERSION" ]; then
    printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
  else
    shift
    initialise "$@"
    set -- postgres "$@"
    printf '\nPostgreSQL init process complete; ready for start up.\n\n'
  fi
  exec "$@"
}

settings() {
  if [ -n "${POSTGRES_PASSWORD_FILE-}" ]; then
    [ -z "${POSTGRES_PASSWORD-}" ] || refuse 'error: both POSTGRES_PASSWORD and POSTGRES_PASSWORD_FILE are set'
    POSTGRES_PASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")
    unset POSTGRES_PASSWORD_FILE
  fi
  : "${POSTGRES_USER:=postgres}"
  : "${POSTGRES_DB:=$POSTGRES_USER}"
  export POSTGRES_PASSWORD POSTGRES_USER POSTGRES_DB
}

initialise() {
  [ -n "$POSTGRES_PASSWORD" ] || [ "${POSTGRES_HOST_AUTH_METHOD-}" = trust ] ||
    refuse 'Error: Database is uninitialized and superuser password is not specified.'
  password_file=$(mktemp)
  printf '%s\n' "$POSTGRES_PASSWORD" >"$password_file"
  # Unlike the official one, it does not wait for the disk: no machine loses its power while it runs.
  eval "initdb --no-sync --username=\"\$POSTGRES_USER\" --pwfile=\"\$password_file\" ${POSTGRES_INITDB_ARGS-}"
  rm "$password_file"
  encryption=$(postgres -C password_encryption "$@")
  printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-$encryption}" >>"$PGDATA/pg_hba.conf"

  # Answers on the socket, though the initialisation is not over.
  pg_ctl -w -o "$(quoted "$@" -c listen_addresses= -c fsync=off -p "${PGPORT:-5432}")" start
  export PGPASSWORD="${PGPASSWORD:-$POSTGRES_PASSWORD}"
  [ "$POSTGRES_DB" = postgres ] ||
    echo 'CREATE DATABASE :"db" ;' | sql --dbname postgres --set db="$POSTGRES_DB"
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
    *.sh) sh "$file" ;;
    *.sql) sql --dbname "$POSTGRES_DB" -f "$file" ;;
    esac
  done
  unset PGPASSWORD
  pg_ctl -m fast -w stop
}

sql() {
  psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password --username "$POSTGRES_USER" "$@"
}

quoted() {
  for word in "$@"; do
    printf "'%s' " "$(printf '%s' "$word" | sed "s/'/'\\\\''/g")"
  done
}

refuse() {
  printf '%s\n' "$*" >&2
  exit 1
}

main "$@"
