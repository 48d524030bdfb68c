#!/bin/sh
# Does what the documentation of the official image tells of its entrypoint.
set -e

main() {
  case ${1-} in
  -*) set -- mariadbd "$@" ;;
  esac
  [ "${1-}" = mariadbd ] || exec "$@"
  for argument in "$@"; do
    case $argument in
    '-?' | --help | --print-defaults | -V | --version) exec "$@" ;;
    esac
  done

  note "Entrypoint script for MariaDB Server $MARIADB_VERSION started."
  effective=$("$@" --verbose --help 2>/dev/null) || {
    "$@" --verbose --help >/dev/null || refuse 'mariadbd failed while attempting to check config'
  }
  datadir=$(effective datadir)
  socket=$(effective socket)
  # Still as root, for a file with a password may be root's alone.
  settings
  mkdir -p "$datadir"
  if [ "$(id -u)" = 0 ]; then
    find "$datadir" ! -user mysql -exec chown mysql: {} +
    chown mysql: "${socket%/*}"
    note "Switching to dedicated user 'mysql'"
    exec setpriv --reuid=mysql --regid=mysql --clear-groups -- "$0" "$@"
  fi

  if [ ! -d "$datadir/mysql" ]; then
    initialise "$@"
  elif is_older; then
    upgrade "$@"
  fi
  exec "$@"
}

effective() {
  printf '%s\n' "$effective" | awk -v name="$1" '/^[^ ]/ && $1 == name { sub(/^[^ ]+ +/, ""); print; exit }'
}

settings() {
  : "${MARIADB_ROOT_PASSWORD:=${MYSQL_ROOT_PASSWORD-}}"
  if [ -n "${MARIADB_ROOT_PASSWORD_FILE-}" ]; then
    [ -z "$MARIADB_ROOT_PASSWORD" ] ||
      refuse 'Both MARIADB_ROOT_PASSWORD and MARIADB_ROOT_PASSWORD_FILE are set (but are exclusive)'
    MARIADB_ROOT_PASSWORD=$(cat "$MARIADB_ROOT_PASSWORD_FILE")
    unset MARIADB_ROOT_PASSWORD_FILE
  fi
  : "${MARIADB_ROOT_HOST=%}"
  export MARIADB_ROOT_PASSWORD MARIADB_ROOT_HOST
}

initialise() {
  [ -n "$MARIADB_ROOT_PASSWORD" ] || [ -n "${MARIADB_ALLOW_EMPTY_ROOT_PASSWORD-}" ] ||
    refuse 'Database is uninitialized and password option is not specified'
  note 'Initializing database files'
  # Unlike the official one, it does not wait for the disk: no machine loses its power while it runs.
  program=$1
  shift
  mariadb-install-db --datadir="$datadir" --rpm --auth-root-authentication-method=normal "$@" --skip-test-db \
    --skip-log-bin --innodb-flush-method=nosync --loose-innodb_buffer_pool_dump_at_shutdown=0
  set -- "$program" "$@"

  # Answers on the socket, though the initialisation is not over.
  start_temporary "$@"
  {
    echo "SET @@SESSION.SQL_LOG_BIN=0;"
    echo "DROP USER IF EXISTS 'root'@'127.0.0.1', 'root'@'::1', 'root'@'$(hostname)';"
    echo "SET PASSWORD FOR 'root'@'localhost' = PASSWORD('$(escaped "$MARIADB_ROOT_PASSWORD")');"
    if [ -n "$MARIADB_ROOT_HOST" ] && [ "$MARIADB_ROOT_HOST" != localhost ]; then
      echo "CREATE USER 'root'@'$MARIADB_ROOT_HOST' IDENTIFIED BY '$(escaped "$MARIADB_ROOT_PASSWORD")';"
      echo "GRANT ALL ON *.* TO 'root'@'$MARIADB_ROOT_HOST' WITH GRANT OPTION;"
    fi
    [ -z "${MARIADB_DATABASE-}" ] || echo "CREATE DATABASE IF NOT EXISTS \`$MARIADB_DATABASE\`;"
    if [ -n "${MARIADB_USER-}" ] && [ -n "${MARIADB_PASSWORD-}" ]; then
      echo "CREATE USER '$MARIADB_USER'@'%' IDENTIFIED BY '$(escaped "$MARIADB_PASSWORD")';"
      [ -z "${MARIADB_DATABASE-}" ] ||
        echo "GRANT ALL ON \`$(printf '%s' "$MARIADB_DATABASE" | sed 's/_/\\_/g')\`.* TO '$MARIADB_USER'@'%';"
    fi
  } | client --database=mysql --binary-mode
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
    *.sh) sh "$file" ;;
    *.sql) MYSQL_PWD=$MARIADB_ROOT_PASSWORD client <"$file" ;;
    esac
  done
  stop_temporary
  echo "$version" >"$datadir/mysql_upgrade_info"
  note 'MariaDB init process done. Ready for start up.'
}

upgrade() {
  case ${MARIADB_AUTO_UPGRADE-} in
  '' | 0)
    note "MariaDB upgrade required, but skipped due to \$MARIADB_AUTO_UPGRADE setting"
    return
    ;;
  esac
  start_temporary "$@" --skip-grant-tables
  # The next version of the tests is not one by its number in the program.
  mariadb-upgrade --upgrade-system-tables --skip-version-check --socket="$socket"
  stop_temporary
}

version=${MARIADB_VERSION##*:}
version=${version%%[-+~]*}-MariaDB

is_older() {
  old=$(cat "$datadir/mysql_upgrade_info" 2>/dev/null) || return 0
  printf '%s\n%s\n' "$old" "$version" | awk -F. '
    NR == 1 { major = $1; minor = $2 }
    NR == 2 { exit !(major < $1 || (major == $1 && minor < $2)) }'
}

start_temporary() {
  note 'Starting temporary server'
  "$@" --skip-networking --socket="$socket" --skip-log-bin --innodb-flush-method=nosync &
  temporary=$!
  until client --database=mysql --execute='SELECT 1' >/dev/null 2>&1; do
    kill -0 "$temporary" 2>/dev/null || refuse 'Unable to start server.'
    sleep 0.1
  done
  note 'Temporary server started.'
}

stop_temporary() {
  kill "$temporary"
  wait "$temporary"
  note 'Temporary server stopped'
}

client() {
  mariadb --protocol=socket -uroot -hlocalhost --socket="$socket" "$@"
}

escaped() {
  printf '%s' "$1" | sed -e 's/\\/\\\\/g' -e "s/'/\\\\'/g"
}

note() {
  printf '%s [Note] [Entrypoint]: %s\n' "$(date '+%Y-%m-%d %H:%M:%S+00:00')" "$*"
}

refuse() {
  printf '%s [ERROR] [Entrypoint]: %s\n' "$(date '+%Y-%m-%d %H:%M:%S+00:00')" "$*" >&2
  exit 1
}

main "$@"
