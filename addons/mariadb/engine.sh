# What is MariaDB's own: how a server of it is set up, started, asked. The only instance is named "server".
# shellcheck shell=sh
. "$ADDON_ROOT/packages.sh"

engine_title=MariaDB
engine_program=mariadbd
engine_port=3306

# engine_major <VERSION-TEXT: 10.11 for 10.11.6, 11 for 11.4.2. What 10.x wrote only that same 10.x opens as it is.
engine_major() {
  sed -n -e 's/.*[ =]\(10\.[0-9]*\)\.[0-9].*/\1/p' -e 't' -e 's/.*[ =]\([0-9][0-9]*\)\.[0-9][0-9]*\.[0-9].*/\1/p' | head -n 1
}

engine_create() {
  make_directory "$dir/conf" 700
  configure
  case $mode in
    docker)
      # The image reads it as another user: open to all, behind a door that is not.
      make_directory "$dir/secret" 700
      printf '%s\n' "$admin" >"$dir/secret/root-password"
      chmod 644 "$dir/secret/root-password"
      give_back "$dir/secret/root-password"
      ;;
    host)
      mkdir "$dir/tmp"
      # A statement a line. There is to be one account, and no other without a password.
      cat >"$dir/tmp/first.sql" <<SQL
DELETE FROM mysql.global_priv WHERE User IN ('root', '') AND NOT (User = 'root' AND Host = 'localhost');
DELETE FROM mysql.db WHERE User IN ('', 'PUBLIC');
FLUSH PRIVILEGES;
ALTER USER root@localhost IDENTIFIED BY '$admin';
SQL
      own_data "$dir/tmp"
      as_server mariadb-install-db --no-defaults --datadir="$dir/data" --skip-name-resolve --skip-test-db \
        --auth-root-authentication-method=normal --extra-file="$dir/tmp/first.sql" >"$dir/log" 2>&1 || {
        tail -n 20 "$dir/log" >&2
        fail 'mariadb-install-db failed, see above.'
      }
      rm "$dir/tmp/first.sql"
      ;;
  esac
}

engine_container() {
  options=$(cat "$dir/conf/options")
  # MARIADB_ROOT_HOST: an account for TCP inside of the container, where the server of the initialisation does not answer.
  # shellcheck disable=SC2086 # a word each
  new_container --mount "type=bind,source=$dir/data,target=/var/lib/mysql" \
    --mount "type=bind,source=$dir/secret/root-password,target=/run/root-password,readonly" \
    --env MARIADB_ROOT_PASSWORD_FILE=/run/root-password --env MARIADB_ROOT_HOST=127.0.0.1 --env MARIADB_AUTO_UPGRADE=1 \
    "$image" mariadbd $options
}

engine_process() {
  # The socket lies in the data directory and is named without it: a socket's path may have 107 bytes only.
  # shellcheck disable=SC2046 # a word each
  as_server mariadbd --no-defaults --datadir="$dir/data" --tmpdir="$dir/tmp" --socket=server.sock --pid-file=server.pid \
    --port="$port" --bind-address="${ADDON_CONFIG_LISTEN:-127.0.0.1}" --skip-name-resolve $(cat "$dir/conf/options")
}

engine_ready() {
  [ "$(query 'SELECT 1')" = 1 ]
}

# configure: what the settings mean for a server of our own. The packet is the largest there is, because a row that could be
# stored must also fit into a statement of its dump.
configure() {
  printf '%s\n' --max-allowed-packet=1G "--character-set-server=$character_set" "--max-connections=$max_connections" \
    ${ADDON_CONFIG_INNODB_BUFFER_POOL_SIZE:+"--innodb-buffer-pool-size=$ADDON_CONFIG_INNODB_BUFFER_POOL_SIZE"} |
    put "$dir/conf/options"
}

# check_settings: what reaches a statement or a command line must be a plain word.
check_settings() {
  character_set=${ADDON_CONFIG_CHARACTER_SET:-utf8mb4}
  max_connections=${ADDON_CONFIG_MAX_CONNECTIONS:-151}
  connection_limit=${ADDON_CONFIG_USER_CONNECTION_LIMIT:-0}
  for word in "character_set $character_set" "max_connections $max_connections" \
    "user_connection_limit $connection_limit" "innodb_buffer_pool_size ${ADDON_CONFIG_INNODB_BUFFER_POOL_SIZE:-128M}" \
    "scheme ${ADDON_CONFIG_SCHEME:-mysql}"; do
    case ${word#* } in
      '' | *[!A-Za-z0-9_+-]*) fail "${word%% *} = \"${word#* }\" in $(overrides) cannot be used. Letters, digits and \"_\" are allowed." ;;
    esac
  done
}

. "$ADDON_ROOT/accounts.sh"
