# The keys of one app in a server for all: those that begin with its id. A dump of them is a file for "redis-cli --pipe":
# RESTORE commands whose keys have lost the prefix, between two ECHO that tell a whole file from a cut one.
# shellcheck shell=sh disable=SC2016 # "$" is of the protocol

head_of_dump=$(printf '*2\r\n$4\r\nECHO\r\n$24\r\nkeys of the redis add-on\r\n.')
head_of_dump=${head_of_dump%.}

# lua NAME [-x | -n DATABASE] ARGUMENT…: with -x the last argument comes by stdin.
lua() {
  program=$(cat "$ADDON_ROOT/lua/$1.lua")
  shift
  case $1 in
    -x) shift && client -x --raw -e EVAL "$program" 0 "$@" ;;
    -n) number=$2 && shift 2 && client -n "$number" --raw -e EVAL "$program" 0 "$@" </dev/null ;;
    *) client --raw -e EVAL "$program" 0 "$@" </dev/null ;;
  esac
}

dump_keys() {
  make_stage
  printf %s "$head_of_dump"
  cursor=0 total=0
  while :; do
    lua dump "$id:" "$cursor" >"$stage/portion" || fail 'The server did not give the keys, see above. What was written is no dump.'
    { read -r cursor && read -r count; } <"$stage/portion"
    # What redis-cli prints ends with a line break of its own.
    tail -c "+$((${#cursor} + ${#count} + 3))" "$stage/portion" | head -c -1
    total=$((total + count))
    [ "$cursor" != 0 ] || break
  done
  end_of_dump "$total"
}

end_of_dump() {
  last="end of $1 keys"
  printf '*2\r\n$4\r\nECHO\r\n$%s\r\n%s\r\n' "${#last}" "$last"
}

# restore_keys <DUMP: loads it beside the app's keys, where the app sees nothing of it; then one step changes over.
restore_keys() {
  make_stage
  cat >"$stage/dump"
  size=$(wc -c <"$stage/dump")
  total=$(check_dump)
  beside=.restore:$id:
  trap 'remove_prefix "$beside" || :; rm -rf "$stage"' EXIT
  remove_prefix "$beside"
  load_dump
  [ "$loaded" = "$total" ] || fail "The dump is damaged: it has $loaded of $total keys. The data is unchanged."
  lua replace "$beside" "$id:" >/dev/null || fail 'The server did not change over to the new keys, see above.'
}

# check_dump: prints how many keys it has.
check_dump() {
  [ "$size" -gt 0 ] || fail 'the dump is empty. The data is unchanged.'
  if [ "$(head -c 5 "$stage/dump" | tr -d '\0')" = REDIS ]; then
    fail 'this is the dump of a whole server (isolation = "instance"). It can be restored into such a one only. The data is unchanged.'
  fi
  printf %s "$head_of_dump" >"$stage/head"
  head -c "${#head_of_dump}" "$stage/dump" | cmp -s - "$stage/head" || fail 'this is no dump of this add-on. The data is unchanged.'
  last=$(tail -c 40 "$stage/dump" | tr -d '\0\r' | tail -n 1)
  count=${last#end of }
  count=${count% keys}
  case $count in
    '' | *[!0-9]*) count=0 ;;
  esac
  end_of_dump "$count" >"$stage/end"
  tail -c "$(wc -c <"$stage/end")" "$stage/dump" | cmp -s - "$stage/end" || fail 'the dump is cut off. The data is unchanged.'
  printf %s "$count"
}

# load_dump: piece by piece; a command that a piece cuts is taken with the next one. Sets loaded.
load_dump() {
  at=0 loaded=0 piece=4000000
  while [ "$at" -lt "$size" ]; do
    answer=$(tail -c "+$((at + 1))" "$stage/dump" | head -c "$piece" | lua load -x "$beside") ||
      fail 'The server did not take the dump, see above. The data is unchanged.'
    used=${answer% *}
    loaded=$((loaded + ${answer#* }))
    at=$((at + used))
    if [ "$used" = 0 ]; then
      [ "$piece" -lt $((size - at)) ] || fail 'the dump is cut off. The data is unchanged.'
      piece=$((piece * 2))
    fi
  done
}

# remove_keys: all of the app's, in every database: COPY reaches others than the first.
remove_keys() {
  answer=$(client -e INFO keyspace </dev/null) || fail 'The server does not say which databases it has, see above.'
  for database in $(printf '%s\n' "$answer" | sed -n 's/^db\([0-9]*\):.*/\1/p'); do
    remove_prefix "$id:" "$database"
    remove_prefix ".restore:$id:" "$database"
  done
}

# remove_prefix PREFIX [DATABASE]
remove_prefix() {
  cursor=0
  while :; do
    cursor=$(lua remove -n "${2:-0}" "$1" "$cursor") || fail 'The server did not remove all keys, see above. Run the command again.'
    [ "$cursor" != 0 ] || break
  done
}
