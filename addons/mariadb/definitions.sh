# The steps of a restore. Tables can be renamed into another database, all in one statement; views, triggers, routines and
# events cannot, they are defined anew, by the app's own login, so that they have its rights and no others.
# shellcheck shell=sh

# open_session: the app's login, before it may be locked. Sets own, the session's number. What tell writes it runs.
open_session() {
  mkfifo "$stage/in"
  program_as "$login" "$private" mariadb --connect-timeout=20 --batch --skip-column-names --unbuffered --binary-mode \
    --max-allowed-packet=1G --default-character-set=utf8mb4 --database="$id" <"$stage/in" >"$stage/out" &
  session=$!
  exec 7>"$stage/in"
  tell 'SELECT CONNECTION_ID();'
  own=
  until read -r own <"$stage/out" && [ -n "$own" ]; do
    # Not "kill -0", which succeeds until we have waited for it.
    [ -n "$(process_start "$session")" ] ||
      fail "The login $login is refused, see above, so it cannot own what is restored. If that is not temporary, run addons rotate APP $ADDON and addons release APP. The data is unchanged."
    sleep 0.02
  done
}

# tell SQL [FILE]: a session that is gone must not end us.
tell() (
  trap '' PIPE
  { [ -z "${2:-}" ] || cat "$2"; } 2>/dev/null >&7 && printf '\n%s\n' "$1" 2>/dev/null >&7
)

# define FILE: runs it in the session, which then ends. False unless it came to the end.
define() {
  tell "SELECT 'defined';" "$1" || :
  exec 7>&-
  wait "$session" || return 1
  [ "$(tail -n 1 "$stage/out")" = defined ]
}

# keep_out: whoever is in would see new tables without their triggers and views, and write to them. Stays so if we are killed.
keep_out() {
  : >"$stage/locked"
  sync "$stage/locked" "$stage"
  printf "ALTER USER IF EXISTS '%s'@'%%' ACCOUNT LOCK;\n" "${id}_a" "${id}_b" | statements
  end_sessions "${id}_a" "${id}_b"
}

let_in() {
  printf "ALTER USER IF EXISTS '%s'@'%%' ACCOUNT UNLOCK;\n" "${id}_a" "${id}_b" | statements
}

# sweep_stages: of other restores that were killed. Who works on one holds the lock of its database.
sweep_stages() {
  for left in "$ADDON_DATA"/restores/*; do
    mark=$(mark_of "${left##*/}")
    if ! [ -f "$mark" ]; then
      rm -rf "$left"
    elif flock -n "$mark" true; then
      empty_stage "$left"
      [ -e "$left/locked" ] || rm -rf "$left"
    fi
  done
}

# empty_stage DIR: that the logins are locked stays known.
empty_stage() {
  find "$1" -mindepth 1 ! -name locked -delete
}

drop_scratch() {
  end_sessions "${id}_r"
  statements <<SQL
DROP DATABASE IF EXISTS \`${id}_new\`;
DROP DATABASE IF EXISTS \`${id}_old\`;
DROP USER IF EXISTS '${id}_r'@'%';
SQL
}

# load: the whole dump into a database of its own, as a user who has rights in no other: a dump is a program.
load() {
  secret=$(new_secret)
  like=$(query "SELECT CONCAT('CHARACTER SET ', default_character_set_name, ' COLLATE ', default_collation_name) FROM information_schema.schemata WHERE schema_name = '$id'")
  [ -n "$like" ] || fail "The database $id is not on the server any more. Remove the add-on from the app, add it again, then restore."
  drop_scratch
  statements <<SQL
CREATE DATABASE \`${id}_new\` $like;
CREATE DATABASE \`${id}_old\` $like;
CREATE USER '${id}_r'@'%' IDENTIFIED BY '$secret';
GRANT ALL PRIVILEGES ON \`$(pattern "${id}_new")\`.* TO '${id}_r'@'%';
SQL
  # The last line proves that nothing of it was lost on the way.
  loaded=$({ without_definers <"$stage/dump" && printf '\nSELECT "loaded";\n'; } |
    program_as "${id}_r" "$secret" mariadb --binary-mode --max-allowed-packet=1G --default-character-set=utf8mb4 \
      --batch --skip-column-names --database="${id}_new" | tail -n 1) || :
  [ "$loaded" = loaded ] || fail 'the dump cannot be loaded, see above. The data is unchanged.'
}

# without_definers: who a view or a routine belongs to is left to who creates it. Rows never begin a line like that.
without_definers() {
  # shellcheck disable=SC2016 # the quotes of SQL
  user='`([^`]|``)*`(@`([^`]|``)*`)?'
  sed -E -e "s#^(/\*!50013 |/\*!5[0-9]{4} CREATE\*/ /\*!5[0-9]{4} )DEFINER=$user#\1#" \
    -e "s#^(CREATE (OR REPLACE )?)DEFINER=$user #\1#"
}

# describe: in files, what kinds of things there are beside tables (kinds), and as statements: those of the new database (new);
# the triggers of the old one (old), should the swap fail; the swap itself, which needs tables without triggers; the end of the
# old database's views, routines and events (drop).
describe() {
  query "SELECT 'view' FROM information_schema.views WHERE table_schema IN ('$id', '${id}_new')
    UNION SELECT 'trigger' FROM information_schema.triggers WHERE trigger_schema IN ('$id', '${id}_new')
    UNION SELECT 'routine' FROM information_schema.routines WHERE routine_schema IN ('$id', '${id}_new')
    UNION SELECT 'event' FROM information_schema.events WHERE event_schema IN ('$id', '${id}_new')" >"$stage/kinds"
  definitions_of "${id}_new" >"$stage/new"
  # Nothing else is dropped before the swap; and the old database may hold views that are broken.
  described --no-create-info --triggers "$id" >"$stage/old"
  {
    printf 'SET SESSION lock_wait_timeout = 60;\n'
    query "SELECT CONCAT('DROP TRIGGER ', $(name_in_sql trigger_schema), '.', $(name_in_sql trigger_name), ';')
      FROM information_schema.triggers WHERE trigger_schema IN ('$id', '${id}_new')"
    renaming
    printf "SELECT 'swapped';\n"
  } >"$stage/swap"
  {
    query "SELECT CONCAT('DROP VIEW ', $(name_in_sql table_schema), '.', $(name_in_sql table_name), ';')
      FROM information_schema.tables WHERE table_schema = '$id' AND table_type = 'VIEW'"
    query "SELECT CONCAT('DROP ', routine_type, ' ', $(name_in_sql routine_schema), '.', $(name_in_sql routine_name), ';')
      FROM information_schema.routines WHERE routine_schema = '$id' ORDER BY routine_type <> 'PACKAGE BODY'"
    query "SELECT CONCAT('DROP EVENT ', $(name_in_sql event_schema), '.', $(name_in_sql event_name), ';')
      FROM information_schema.events WHERE event_schema = '$id'"
  } >"$stage/drop"
}

# renaming: one statement for all tables, the old ones first. MariaDB has sequences among them.
renaming() {
  query "SELECT CONCAT($(name_in_sql table_schema), '.', $(name_in_sql table_name), ' TO ',
      IF(table_schema = '$id', '\`${id}_old\`', '\`$id\`'), '.', $(name_in_sql table_name))
    FROM information_schema.tables WHERE table_schema IN ('$id', '${id}_new') AND table_type <> 'VIEW'
    ORDER BY table_schema <> '$id'" >"$stage/tables"
  [ ! -s "$stage/tables" ] || { printf 'RENAME TABLE\n' && sed '$!s/$/,/' "$stage/tables" && printf ';\n'; }
}

# name_in_sql COLUMN: the expression that puts what the column holds in backquotes.
name_in_sql() {
  printf "CONCAT('\`', REPLACE(%s, '\`', '\`\`'), '\`')" "$1"
}

# definitions_of DATABASE >FILE: routines, triggers, events, and views, which may need the routines.
definitions_of() {
  described --no-create-info --routines --triggers --events "$1"
  views=$(query "SELECT table_name FROM information_schema.tables WHERE table_schema = '$1' AND table_type = 'VIEW'")
  [ -n "$views" ] || return 0
  # A name a line becomes a word.
  set -f
  IFS='
'
  # shellcheck disable=SC2086
  described --skip-triggers -- "$1" $views
  unset IFS
  set +f
}

# described OPTIONS… DATABASE TABLE…: by way of a file, so that a failure in the middle is seen.
described() {
  program_as "$admin_user" "$admin_password" mariadb-dump --no-data --skip-opt --no-tablespaces --skip-dump-date \
    --default-character-set=utf8mb4 "$@" >"$stage/raw"
  without_definers <"$stage/raw"
}

swap() {
  [ ! -s "$stage/kinds" ] || keep_out
  reached=triggers
  [ "$(statements <"$stage/swap")" = swapped ] || fail 'the tables cannot change places, see above: who uses them may hold them for too long. The data is unchanged.'
  reached=swapped
  { statements <"$stage/drop" && define "$stage/new"; } ||
    fail 'the tables are those of the dump, but not all of its views, triggers, routines and events could be made, see above. The logins stay locked. Run the command again.'
  [ ! -e "$stage/locked" ] || let_in
  reached=all
}
