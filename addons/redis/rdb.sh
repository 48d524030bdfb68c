# The whole data of an app's own server as an RDB file. To restore one, a new set of data is made beside the old one, and the
# link "current" changes over between the end of the server and its start.
# shellcheck shell=sh

# dump_rdb: by a file, which can be checked. To a pipe, redis-cli would also write the mark that ends the transfer.
dump_rdb() {
  case $mode in
    docker) dump_inside ;;
    host) dump_outside ;;
  esac
}

# dump_outside: redis-cli is root here, so it writes where the server's user has no say. The check reads what that user made
# up, so it runs as him.
dump_outside() {
  make_stage
  chmod 711 "$stage"
  client --rdb "$stage/dump.rdb" </dev/null >&2 || no_dump
  ! is_root || chown --reference="$dir/data" "$stage/dump.rdb"
  as_server redis-check-rdb "$stage/dump.rdb" </dev/null >&2 || damaged_dump
  cat "$stage/dump.rdb"
}

no_dump() {
  fail 'The server did not give its data, see above. Nothing was written.'
}

damaged_dump() {
  fail 'The server gave damaged data, see above. Nothing was written.'
}

dump_inside() {
  new=dump-$(new_secret | cut -c 1-8)
  trap 'inside rm -rf "$new" </dev/null || :' EXIT
  trap 'exit 1' HUP INT TERM
  # Those of dead runs; of one under way nobody waits a day for the end.
  inside find . -maxdepth 1 -name 'dump-*' -mtime +1 -exec rm -rf '{}' + </dev/null
  # Made by the data's owner: redis-cli may be another user, and the check has to read it.
  # shellcheck disable=SC2016 # for the inner shell
  inside sh -c 'umask 077 && mkdir "$1" && : >"$1/dump.rdb"' sh "$new" </dev/null
  client --rdb "/data/$new/dump.rdb" </dev/null >&2 || no_dump
  inside redis-check-rdb "$new/dump.rdb" </dev/null >&2 || damaged_dump
  inside cat "$new/dump.rdb" </dev/null
}

restore_rdb() {
  exec 8>"$dir/restoring"
  flock -n 8 || fail "Another restore of $id is running."
  give_back "$dir/restoring"
  new=set-$(new_secret | cut -c 1-8)
  trap 'inside rm -rf "$new" </dev/null || :' EXIT
  trap 'exit 1' HUP INT TERM
  receive
  check_rdb
  make_set
  old=$(inside readlink current </dev/null)
  locked change_over
  trap - EXIT
  inside rm -rf "$old" </dev/null
}

# receive <DUMP: into the new set. Those of dead runs go.
receive() {
  # shellcheck disable=SC2016 # for the inner shell
  inside sh -c '
    set -eu
    umask 077
    current=$(readlink current)
    for set in set-*; do [ "$set" = "$current" ] || rm -rf "$set"; done
    mkdir "$1"
    cat >"$1/dump.rdb"
    sync "$1/dump.rdb" "$1"
  ' sh "$new" || fail "The dump could not be put beside the data, see above. The data is unchanged."
  exec </dev/null
}

check_rdb() {
  case $(inside head -c 5 "$new/dump.rdb" </dev/null | tr -d '\0') in
    REDIS) ;;
    '') fail 'the dump is empty. The data is unchanged.' ;;
    '*2'*) fail 'this is a dump of keys (isolation = "acl"). It can be restored into such an add-on; or load it with redis-cli --pipe. The data is unchanged.' ;;
    *) fail 'this is no dump of Redis. The data is unchanged.' ;;
  esac
  said=$(inside redis-check-rdb "$new/dump.rdb" </dev/null 2>&1) ||
    fail "the dump is cut off or damaged, or of a newer Redis: $(printf '%s\n' "$said" | grep '^.offset' | tail -n 1). The data is unchanged."
}

# make_set: an RDB file, or what Redis makes of it when it keeps an append-only file.
make_set() {
  grep -q '^appendonly yes' "$dir/conf/redis.conf" || return 0
  # shellcheck disable=SC2016 # for the inner shell
  inside sh -c '
    set -eu
    umask 077
    cd "$1"
    mkdir appendonlydir
    mv dump.rdb appendonlydir/appendonly.aof.1.base.rdb
    echo "file appendonly.aof.1.base.rdb seq 1 type b" >appendonlydir/appendonly.aof.manifest
    sync appendonlydir/* appendonlydir .
  ' sh "$new" </dev/null
}

# change_over: under the lock. The link is the only thing that says which set is the data.
change_over() {
  stop_instance
  point_to "$new"
  # Not as a condition: that would switch "set -e" off inside.
  set +e
  (
    set -e
    bring_up
    until_loaded
  )
  status=$?
  set -e
  [ "$status" != 0 ] || return 0
  stop_instance
  point_to "$old"
  bring_up
  fail "The server does not start with this dump, see above. It runs with the data it had."
}

# point_to SET
point_to() {
  # shellcheck disable=SC2016 # for the inner shell
  at_rest sh -c 'ln -sfn "$1" next && mv -T next current && sync .' sh "$1"
}

# until_loaded: false if the server ends instead.
until_loaded() {
  silent=0
  while :; do
    answer=$(client PING </dev/null 2>/dev/null) || :
    case $answer in
      PONG) return 0 ;;
      LOADING*) silent=0 ;;
      *) silent=$((silent + 1)) ;;
    esac
    [ "$silent" -lt 30 ] || return 1
    sleep 0.2
  done
}
