# Talking to the server as its administrator, or as an app.
# shellcheck shell=sh disable=SC2119,SC2120

admin_role=postgres

# find_server: makes it known, and starts it where it is ours.
find_server() {
  load_mode
  if [ "$mode" = external ]; then
    read_external
  else
    use_instance server
    reach
  fi
}

# read_external: admin_url for libpq. What a query of it means is the same in the environment.
read_external() {
  read_admin_url 'postgres postgresql' 5432
  host=$(percent_decoded "$host")
  admin_role=$admin_user
  admin=$admin_password
  words=${query#\?}
  while [ -n "$words" ]; do
    word=${words%%&*}
    words=${words#"$word"}
    words=${words#&}
    value=$(percent_decoded "${word#*=}")
    case ${word%%=*} in
      sslmode) export PGSSLMODE="$value" ;;
      sslrootcert) export PGSSLROOTCERT="$value" ;;
      sslcert) export PGSSLCERT="$value" ;;
      sslkey) export PGSSLKEY="$value" ;;
      sslnegotiation) export PGSSLNEGOTIATION="$value" ;;
      channel_binding) export PGCHANNELBINDING="$value" ;;
      gssencmode) export PGGSSENCMODE="$value" ;;
      target_session_attrs) export PGTARGETSESSIONATTRS="$value" ;;
      options) export PGOPTIONS="$value" ;;
    esac
  done
}

# as_admin PROGRAM…: runs a program of PostgreSQL's against the server.
as_admin() {
  as_role "$admin_role" "$admin" "$@"
}

# as_role ROLE PASSWORD PROGRAM…: the password goes through the environment; arguments are public.
as_role() (
  PGUSER=$1
  PGPASSWORD=$2
  PGCONNECT_TIMEOUT=10
  export PGUSER PGPASSWORD PGCONNECT_TIMEOUT
  shift 2
  case $mode in
    docker)
      docker exec --interactive --env PGUSER --env PGPASSWORD --env PGCONNECT_TIMEOUT --env PGHOST=127.0.0.1 \
        --env PGDATABASE=postgres "$container" "$@"
      ;;
    *)
      PGHOST=$host
      PGPORT=$port
      PGDATABASE=${admin_database:-postgres}
      export PGHOST PGPORT PGDATABASE
      "$@"
      ;;
  esac
)

# sql [OPTION…] <STATEMENTS: as administrator; stops at the first error. Answers come as bare lines. The statements find the variables
# :super and :has_grant_options.
sql() {
  {
    quietly
    cat
  } | as_admin psql -X -q -A -t -v ON_ERROR_STOP=1 -v VERBOSITY=terse "$@"
}

# quietly: what an app has set for its database does not hold here, no password gets into the server's log or statistics, and the
# server drops what it works on when the script is killed. What a managed server forbids or does not know stays as it is.
quietly() {
  cat <<'SQL'
SET search_path = pg_catalog;
SET default_transaction_read_only = off;
SET statement_timeout = 0;
DO $$
DECLARE setting text;
BEGIN
  FOREACH setting IN ARRAY ARRAY['log_min_error_statement=panic', 'log_statement=none', 'log_min_duration_statement=-1',
    'log_min_duration_sample=-1', 'pg_stat_statements.track_utility=off', 'client_min_messages=warning', 'client_connection_check_interval=200'] LOOP
    BEGIN
      PERFORM pg_catalog.set_config(split_part(setting, '=', 1), split_part(setting, '=', 2), false);
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
  END LOOP;
END $$;
SELECT rolsuper AS super, current_setting('server_version_num')::int >= 160000 AS has_grant_options
FROM pg_roles WHERE rolname = current_user \gset
SQL
}

# use_matching_programs: pg_dump must not be older than the server, and what a newer one writes an older server may not take.
use_matching_programs() {
  version=$(echo "SELECT current_setting('server_version_num')::int / 10000;" | sql)
  use_programs pg_dump "$version"
  here=$(pg_dump --version | engine_major)
  [ "$here" -ge "$version" ] || fail "The server is PostgreSQL $version, and pg_dump here is $here. Install a newer one (apt-get install postgresql-client-$version, from apt.postgresql.org where Debian has none) and run the command again. Nothing was changed."
}
