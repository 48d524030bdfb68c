# The server's own words: how it is asked, what an app's database and logins are.
# shellcheck shell=sh
. "$ADDON_ROOT/login.sh"

# find_server: for every script but url. Sets mode and what `query` and `program_as` need, and starts the server where it is ours.
find_server() {
  load_mode
  check_settings
  admin_user=root admin_password=$admin
  if [ "$mode" = external ]; then
    find_external_server
  else
    use_instance server
    reach
  fi
}

find_external_server() {
  read_admin_url 'mysql mariadb' 3306
  [ -n "$admin_user" ] || fail "admin_url in $(overrides) names no user."
  # Clients call it by different names. Only words of MariaDB's own client are made of it.
  case $query in
    *ssl-mode=[Dd][Ii][Ss]* | *ssl=false* | *ssl=0*) encrypted=--skip-ssl ;;
    *VERIFY* | *verify* | *rejectUnauthorized*true*) encrypted='--ssl --ssl-verify-server-cert' ;;
    *ssl-mode=* | *ssl=* | *sslmode=*) encrypted='--ssl --skip-ssl-verify-server-cert' ;;
    *) encrypted=--skip-ssl ;;
  esac
}

# program_as USER PASSWORD PROGRAM ARGUMENT…: a client program of the server. The password is in the environment: arguments
# are public. No option file of whoever runs this is read.
program_as() (
  name=$1 MYSQL_PWD=$2 program=$3
  export MYSQL_PWD
  shift 3
  # The client would read any file of ours that a dump, or the server, asks for.
  [ "$program" != mariadb ] || set -- --local-infile=0 "$@"
  case $mode in
    docker)
      exec docker exec --interactive --env MYSQL_PWD "$container" "$program" --no-defaults --user="$name" --protocol=tcp \
        --host=127.0.0.1 --skip-ssl "$@"
      ;;
    host)
      cd "$dir/data" 2>/dev/null || fail "$dir/data is closed to $(id -un). Run the command as root, or as who enabled $ADDON."
      exec "$program" --no-defaults --user="$name" --protocol=socket --socket=server.sock "$@"
      ;;
    external)
      # shellcheck disable=SC2086 # a word each
      exec "$program" --no-defaults --user="$name" --protocol=tcp --host="$host" --port="$port" $encrypted "$@"
      ;;
  esac
)

# statements <SQL: runs them as administrator, up to the first error. Values come out one a line, columns apart by tabs.
statements() {
  program_as "$admin_user" "$admin_password" mariadb --batch --raw --skip-column-names --connect-timeout=20 "$@"
}

# query SQL
query() {
  printf '%s;\n' "$1" | statements
}

# One file an app's database, made before it and removed after it: MySQL has no comment on a database, and an app may drop and
# create its own. Its name is the id; whoever changes the database as a whole holds a lock on it.
mark_of() {
  printf '%s/databases/%s' "$ADDON_DATA" "$1"
}

need_mark() {
  check_id "$1"
  [ -r "$ADDON_DATA/databases" ] || fail "$ADDON_DATA/databases cannot be read by $(id -un). Run the command as root, or put it back from a backup."
  [ -f "$(mark_of "$1")" ] || fail "There is no database $1 of this add-on. Put it back from a backup, or remove the add-on from the app and add it again."
}

# pattern ID: in a GRANT "_" stands for any letter.
pattern() {
  printf %s "$1" | sed 's/_/\\_/g'
}

# quoted TEXT: as an SQL string.
quoted() {
  printf "'%s'" "$(printf %s "$1" | sed -e 's/\\/\\\\/g' -e "s/'/''/g")"
}

# make_login ID LOGIN PASSWORD: prints what makes it or gives it the password. A restore may have locked it, and it stays so.
make_login() {
  cat <<SQL
CREATE USER IF NOT EXISTS '$2'@'%' IDENTIFIED BY $(quoted "$3");
ALTER USER '$2'@'%' IDENTIFIED BY $(quoted "$3") WITH MAX_USER_CONNECTIONS $connection_limit;
GRANT ALL PRIVILEGES ON \`$(pattern "$1")\`.* TO '$2'@'%';
SQL
}

# drop_all ID: database, logins, and what a restore left. Nobody may be in it: a transaction that stays open would be waited for.
drop_all() {
  statements <<SQL
ALTER USER IF EXISTS '$1_a'@'%', '$1_b'@'%' ACCOUNT LOCK;
SQL
  end_sessions "$1_a" "$1_b" "$1_r"
  statements <<SQL
SET SESSION lock_wait_timeout = 60;
DROP DATABASE IF EXISTS \`$1\`;
DROP DATABASE IF EXISTS \`$1_new\`;
DROP DATABASE IF EXISTS \`$1_old\`;
DROP USER IF EXISTS '$1_a'@'%', '$1_b'@'%', '$1_r'@'%';
SQL
}

# end_sessions LOGIN…: a managed server may forbid it; then the wait for locks decides.
end_sessions() {
  kills=$(for name in "$@"; do
    printf "SELECT CONCAT('KILL ', id, ';') FROM information_schema.processlist WHERE user = '%s' AND id <> %s;\n" "$name" "${own:-0}"
  done | statements)
  [ -z "$kills" ] || printf '%s\n' "$kills" | statements --force 2>/dev/null || :
}

# list_marks: hidden names are no ids.
list_marks() {
  [ ! -d "$ADDON_DATA/databases" ] || ls "$ADDON_DATA/databases"
}

# id_length: enable asked the external server which it is. 64 characters at most may stand in a GRANT, where each "_" is two; behind the
# first 21 only one more "_" follows.
id_length() {
  if [ "$mode" = external ]; then
    cat "$ADDON_DATA/id_length"
  else
    printf 42
  fi
}

# need_space KIB: on a full disk the server does not fail, it waits for space, in the middle of a statement, and all apps with it.
need_space() {
  [ "$mode" != external ] || return 0
  free=$(df --output=avail -k "$dir" | tail -n 1)
  [ "$free" -ge "$1" ] || fail "The disk of $dir has only $free KiB left, and $1 KiB are needed. Free some space and run the command again."
}
