# The steps of restore: a new database is filled, and takes the place of the old one. All use id, new, secret and stage.
# shellcheck shell=sh

refuse_dump() {
  errors=$(head -n 1 "$stage/errors")
  case $errors in
    *'unsupported version'*) fail "The dump was made by a newer PostgreSQL than this one ($errors). Restore it into a server that is as new. The data is unchanged." ;;
    *) fail "The input is not a dump in the custom format of pg_dump ($errors). The data is unchanged." ;;
  esac
}

# make_extensions: those that an administrator has made in the old database, as an app may not make them, in the same schemas. These
# are named in comments, for fill. An app may name its schemas as it likes: no name ends a comment.
make_extensions() {
  sql --dbname="dbname=$id" >"$stage/extensions" <<SQL
CREATE TEMPORARY VIEW ours AS SELECT e.oid, extname, nspname, pg_get_userbyid(nspowner) AS owner
FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace
WHERE extowner <> (SELECT oid FROM pg_roles WHERE rolname = '$id') AND extname <> 'plpgsql' AND nspname !~ '[[:cntrl:]]';
SELECT DISTINCT format(E'-- %s\nCREATE SCHEMA %I AUTHORIZATION %I;', nspname, nspname, owner) FROM ours WHERE nspname NOT IN ('public', 'pg_catalog');
SELECT concat(format('CREATE EXTENSION IF NOT EXISTS %I', extname), CASE WHEN nspname <> 'pg_catalog' THEN format(' SCHEMA %I', nspname) END, ' CASCADE;')
FROM ours ORDER BY oid;
SQL
  [ ! -s "$stage/extensions" ] || sql --dbname="dbname=$new" <"$stage/extensions"
}

# fill: as a login with the app's rights and no others. Nothing that is written in a dump may act as the administrator.
fill() {
  # An extension has its comment from the start, and only its owner may set one. Its schema is there.
  sed -n 's/^-- //p' "$stage/extensions" |
    awk 'FILENAME == "-" { made[$0]; next }
      { for (name in made) if (index($0, " SCHEMA - " name " ")) next }
      !/ COMMENT - EXTENSION /' - "$stage/list" >"$stage/wanted"
  list=$stage/wanted
  if [ "$mode" = docker ]; then
    list=/tmp/$new
    # shellcheck disable=SC2016 # for the container's shell
    as_admin sh -c 'umask 077 && cat >"$1"' sh "$list" <"$stage/wanted" || return 1
  fi
  as_role "$new" "$secret" pg_restore --exit-on-error --no-owner --no-privileges --no-subscriptions --no-tablespaces \
    --no-security-labels --role="$id" --use-list="$list" --dbname="$new" <"$stage/dump" || return 1
  [ "$mode" != docker ] || as_admin rm -f "$list"
}

# settle: what was not in the dump: statistics, and ALTER DATABASE … SET of the old one. An app chose these settings, search_path
# among them: an administrator who has taken them on calls nothing without naming its schema, and not in a database of the app's.
settle() {
  sql --dbname="dbname=$new" <<SQL
SET client_min_messages = error;
REASSIGN OWNED BY "$new" TO "$id";
DROP OWNED BY "$new";
ANALYZE;
SQL
  sql <<SQL
DO \$\$
DECLARE one record;
BEGIN
  FOR one IN SELECT name, substr(setting, length(name) + 2) AS value, format('ALTER DATABASE %I SET %I FROM CURRENT', '$new', name) AS keep
  FROM (SELECT setting, split_part(setting, '=', 1) AS name FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase, unnest(setconfig) setting
    WHERE setrole = 0 AND datname = '$id') settings
  WHERE name NOT IN ('role', 'session_authorization') AND name NOT LIKE 'transaction%' LOOP
    PERFORM pg_catalog.set_config(one.name, one.value, true);
    EXECUTE one.keep;
  END LOOP;
END \$\$;
SQL
}

# swap: a database is renamed only while nobody is in it. The first RENAME keeps newcomers waiting and waits for 5 s itself, meanwhile
# everybody inside is sent away. Killed at any moment, there is one whole database of that name, open to all.
swap() {
  old=$(echo "SELECT oid FROM pg_database WHERE datname = '$id';" | sql)
  for try in 1 2 3; do
    send_away &
    sql <<SQL && renamed=1 || renamed=
BEGIN;
ALTER DATABASE "$id" RENAME TO "${id}_old";
ALTER DATABASE "$new" RENAME TO "$id";
COMMIT;
SQL
    wait
    [ -z "$renamed" ] || return 0
  done
  return 1
}

send_away() {
  sql <<SQL
DO \$\$
DECLARE client int;
BEGIN
  FOR round IN 1..60 LOOP
    FOR client IN SELECT pid FROM pg_stat_activity WHERE datid = $old AND backend_type = 'client backend' LOOP
      BEGIN
        PERFORM pg_terminate_backend(client);
      EXCEPTION WHEN insufficient_privilege THEN NULL;
      END;
    END LOOP;
    PERFORM pg_sleep(0.1);
    EXIT WHEN NOT EXISTS (SELECT FROM pg_database WHERE oid = $old AND datname = '$id');
    PERFORM pg_stat_clear_snapshot();
  END LOOP;
END \$\$;
SQL
}

# tidy: removes what this run, or a killed one, has left.
tidy() {
  {
    drop_database "$new"
    drop_database "${id}_old"
    printf 'DROP ROLE IF EXISTS "%s";\n' "$new"
  } | sql
}
