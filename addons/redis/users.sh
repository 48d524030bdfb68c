# Users of a Redis server, as its ACL has them. Passwords reach it as SHA-256, and by stdin.
# shellcheck shell=sh

# rights: of the app in a server of its own. All but what administers the server, reaches other machines, or stops it.
rights_of_own() {
  printf '%s ' '~*' '&*' +@all -@admin -@dangerous +info +role +lastsave '+client|list' +keys +flushdb +flushall +swapdb \
    +sort +sort_ro +restore
}

# rights_of_part: in a server for all. Only what is known to keep to the keys it names: a command that a newer server or a
# module brings stays forbidden. SCAN, KEYS, DBSIZE, RANDOMKEY, FLUSH* and SELECT are not among them; neither is what listens
# to other apps' keys (CLIENT TRACKING) or stops their scripts and clients.
rights_of_part() {
  printf '%s ' "~$id:*" "&$id:*" \
    +@string +@hash +@list +@set +@sortedset +@stream +@bitmap +@hyperloglog +@geo +@pubsub +@transaction +@scripting +@connection \
    -@admin -@dangerous \
    -select -pubsub -function -fcall -fcall_ro -script '+script|load' '+script|exists' \
    '-client|tracking' '-client|caching' '-client|unblock' \
    +del +unlink +exists +expire +expireat +expiretime +pexpire +pexpireat +pexpiretime +persist +ttl +pttl +touch +type \
    +rename +renamenx +copy +dump +restore +object +sort +sort_ro '+memory|usage' \
    +info +command +time +wait '+acl|whoami'
}

rights() {
  case $isolation in
    instance) rights_of_own ;;
    acl) rights_of_part ;;
  esac
}

# first_users: the ACL file of a new server. Before the first app of a shared one, nobody but the administrator logs in.
first_users() {
  printf 'user admin reset on #%s ~* &* +@all\n' "$(sha256 "$admin")"
  case $isolation in
    instance) printf 'user default reset on #%s %s\n' "$(sha256 "$secret")" "$(rights)" ;;
    acl) printf 'user default reset off\n' ;;
  esac
}

# put_user PASSWORD…: makes the user, or replaces it in one step: who is logged in stays so.
put_user() {
  hashes=
  for password in "$@"; do
    [ -z "$password" ] || hashes="$hashes #$(sha256 "$password")"
  done
  order "ACL SETUSER $user reset on$hashes $(rights)"
  save_users
}

sha256() {
  hash=$(printf %s "$1" | sha256sum)
  printf %s "${hash%% *}"
}

# order COMMAND: to be answered with OK or a number.
order() {
  answer=$(printf '%s\n' "$1" | client) || :
  case $answer in
    OK | [0-9] | [0-9]*[0-9]) ;;
    *) fail "The server refused ${1%% #*}: ${answer:-it does not answer.}" ;;
  esac
}

# A managed server may keep its users elsewhere, or not at all: url puts back what is missing.
save_users() {
  if [ "$mode" = external ]; then
    client ACL SAVE </dev/null >/dev/null || :
  else
    order 'ACL SAVE'
  fi
}

# put_back PASSWORD: the app's user in an external server that may have forgotten it, after a restart without an ACL file.
put_back() {
  answer=$(client_as "$user" "$1" PING </dev/null 2>&1) || :
  case $answer in
    PONG) return 0 ;;
    *WRONGPASS*) ;;
    *) fail "The server at $host_in_url:$port does not answer the user $user: $answer" ;;
  esac
  is_kept || fail "$id is being removed."
  put_user "$1"
  # An unprovision may have come in between, and not have seen this user any more.
  is_kept || {
    order "ACL DELUSER $user"
    save_users
    fail "$id is being removed."
  }
}

is_kept() {
  { read -r state <"$ADDON_DATA/users/$id"; } 2>/dev/null && [ "$state" = there ]
}
