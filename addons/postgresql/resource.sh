# What an app gets: a database ID, its owner ID that cannot log in, and the logins ID_a and ID_b that act as that owner.
# While data is restored there are a database and a login ID_restore, too. All statements may be run again from any point.
# shellcheck shell=sh

# The mark of what is ours stands at the owner: an app may change what its own database says of itself.
mark() {
  printf 'addons:%s' "$token"
}

# alone ID: waits for others at work on the same resource. The server ends a statement though its client was killed, so a
# second run may meet what is left of the first.
alone() {
  printf "SELECT pg_advisory_lock(hashtextextended('addons:%s', 0)) \\g /dev/null\n" "$1"
}

# remember ID: for url, which has no time to ask the server what is there.
remember() {
  make_directory "$ADDON_DATA/databases" 700
  : >"$ADDON_DATA/databases/$1"
  give_back "$ADDON_DATA/databases/$1"
  sync "$ADDON_DATA/databases"
}

forget() {
  rm -f "$ADDON_DATA/databases/$1"
  [ ! -d "$ADDON_DATA/databases" ] || sync "$ADDON_DATA/databases"
}

# make_owner ID
make_owner() {
  cat <<SQL
SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$1') AS is_new \gset
\if :is_new
BEGIN;
CREATE ROLE "$1" NOLOGIN;
COMMENT ON ROLE "$1" IS '$(mark)';
COMMIT;
\endif
$(serve "$1")
SQL
}

# make_login ID LOGIN PASSWORD: it takes the owner's part as soon as it is in, so all that it makes is the owner's.
make_login() {
  cat <<SQL
SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$2') AS is_new \gset
\if :is_new
CREATE ROLE "$2" NOLOGIN IN ROLE "$1";
\endif
$(serve "$2")
ALTER ROLE "$2" SET role = '$1';
ALTER ROLE "$2" LOGIN PASSWORD '$3';
SQL
}

# limit_login LOGIN
limit_login() {
  printf 'ALTER ROLE "%s" CONNECTION LIMIT %s;\n' "$1" "${ADDON_CONFIG_CONNECTION_LIMIT:--1}"
}

# serve ROLE: an administrator who is no superuser must be a member of a role to make a database for it, and to end its sessions.
serve() {
  cat <<SQL
\if :super
\elif :has_grant_options
GRANT "$1" TO CURRENT_USER WITH INHERIT TRUE, SET TRUE;
\else
GRANT "$1" TO CURRENT_USER;
\endif
SQL
}

# make_database ID DATABASE: nobody gets in before the rights are set.
make_database() {
  cat <<SQL
SELECT NOT EXISTS (SELECT FROM pg_database WHERE datname = '$2') AS is_new \gset
\if :is_new
CREATE DATABASE "$2" OWNER "$1" TEMPLATE template0 ENCODING 'UTF8' ALLOW_CONNECTIONS false;
\endif
REVOKE ALL ON DATABASE "$2" FROM PUBLIC;
ALTER DATABASE "$2" ALLOW_CONNECTIONS true;
SQL
}

# drop_database DATABASE: an app may have declared its own a template, which cannot be dropped.
drop_database() {
  cat <<SQL
SELECT EXISTS (SELECT FROM pg_database WHERE datname = '$1' AND datistemplate) AS is_template \gset
\if :is_template
ALTER DATABASE "$1" IS_TEMPLATE false;
\endif
DROP DATABASE IF EXISTS "$1" WITH (FORCE);
SQL
}

# drop_resource ID: succeeds when it is gone. The roles go last and together, so it is listed until nothing is left of it.
drop_resource() {
  roles="'$1', '$1_a', '$1_b', '$1_restore'"
  answer=$(drop_statements "$1" | sql)
  case $answer in
    gone | none) ;;
    elsewhere*)
      printf '%s\n' "$answer" | sed 1d | while IFS= read -r database; do
        give_up "$1" | sql --dbname="$(connection_to "$database")"
      done
      drop_roles "$1" | sql
      ;;
    *) refuse "$1" "$answer" ;;
  esac
}

# drop_statements ID: all in one session, as each costs the start of a program. Somebody may have given the roles rights in other
# databases, with which they cannot be dropped: those are named.
drop_statements() {
  cat <<SQL
$(look_at "$1")
\if :ours
$(drop_database "$1")
$(drop_database "$1_restore")
$(drop_database "$1_old")
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ($roles) \g /dev/null
CREATE TEMPORARY VIEW elsewhere AS SELECT DISTINCT datname FROM pg_shdepend
JOIN pg_database d ON d.oid = dbid OR (dbid = 0 AND datname = current_database())
WHERE refclassid = 'pg_authid'::regclass AND refobjid IN (SELECT oid FROM pg_roles WHERE rolname IN ($roles)) AND datallowconn;
SELECT EXISTS (SELECT FROM elsewhere) AS has_more \gset
\if :has_more
\echo elsewhere
SELECT datname FROM elsewhere;
\else
$(drop_roles "$1")
\echo gone
\endif
\else
\echo :whose
\endif
SQL
}

drop_roles() {
  printf 'DROP ROLE IF EXISTS "%s", "%s", "%s", "%s";\n' "$1_a" "$1_b" "$1_restore" "$1"
}

# give_up ID: takes away what these roles have in one database.
give_up() {
  for role in "$1" "$1_a" "$1_b" "$1_restore"; do
    cat <<SQL
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = '$role') AS is_there \gset
\if :is_there
DROP OWNED BY "$role";
\endif
SQL
  done
}

# connection_to DATABASE: its name may be anything.
connection_to() {
  printf "dbname='%s'" "$(printf %s "$1" | sed "s/[\\\\']/\\\\&/g")"
}

# need_ours ID: before its data is read or replaced. On a server of others any name may be somebody's.
need_ours() {
  answer=$({ look_at "$1" && printf '%s\n' '\echo :whose'; } | sql)
  [ "$answer" = ours ] || refuse "$1" "$answer"
}

# refuse ID WHOSE
refuse() {
  [ "$2" != none ] || fail "\"$1\" does not exist on the server. Put the server's data back from a backup, or remove the add-on from the app and add it again."
  fail "\"$1\" was not made by this installation of $ADDON, so it is left alone. If it really is an app's, say as the server's administrator: COMMENT ON ROLE \"$1\" IS '$(mark)'; and run the command again."
}

# look_at ID: sets :whose to "ours", "another", or "none" where there is none; :ours says the same. Waits for others at work.
look_at() {
  cat <<SQL
$(alone "$1")
SELECT CASE
  WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = '$1' AND shobj_description(oid, 'pg_authid') = '$(mark)') THEN 'ours'
  WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = '$1') OR EXISTS (SELECT FROM pg_database WHERE datname = '$1') THEN 'another'
  ELSE 'none' END AS whose \gset
SELECT :'whose' = 'ours' AS ours \gset
SQL
}

# resources: the ids of all, one a line.
resources() {
  sql <<SQL
SELECT rolname FROM pg_roles WHERE shobj_description(oid, 'pg_authid') = '$(mark)' ORDER BY 1;
SQL
}

# other_databases: those of a server of our own that are no app's.
other_databases() {
  sql <<SQL
SELECT datname FROM pg_database d WHERE datname NOT IN ('postgres', 'template0', 'template1')
AND NOT EXISTS (SELECT FROM pg_roles WHERE oid = datdba AND shobj_description(oid, 'pg_authid') = '$(mark)') ORDER BY 1;
SQL
}
