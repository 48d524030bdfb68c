# What an app gets: a server of its own (isolation "instance"), or a user and a key prefix in one for all ("acl").
# shellcheck shell=sh

# choose_isolation: for enable only. Kept like the mode: what the apps have depends on it.
choose_isolation() {
  isolation=${ADDON_CONFIG_ISOLATION:-instance}
  case $isolation in
    instance | acl) ;;
    *) fail "isolation = \"$isolation\" is not known. Say \"instance\" or \"acl\" in $(overrides)." ;;
  esac
  if [ "$mode" = external ] && [ "$isolation" = instance ]; then
    note 'an external server is shared: isolation is "acl", each app gets a user and a key prefix.'
    isolation=acl
  fi
  if { read -r was <"$ADDON_DATA/isolation"; } 2>/dev/null && [ "$was" != "$isolation" ]; then
    wanted=$isolation
    isolation=$was
    [ -z "$(resources)" ] || fail "This add-on was enabled with isolation = \"$was\", and apps use it. To change to \"$wanted\", remove it from these first, or set isolation back: $(resources | tr '\n' ' ')"
    # The shared server, which has no data.
    if [ "$was" = acl ] && [ "$mode" != external ]; then
      use_instance server
      destroy_instance
    fi
    isolation=$wanted
  fi
  printf '%s\n' "$isolation" | put "$ADDON_DATA/isolation"
}

load_all() {
  load_mode
  read -r isolation <"$ADDON_DATA/isolation"
}

# resources: the ids of all, one a line.
resources() {
  case $isolation in
    instance) instances ;;
    acl) [ ! -d "$ADDON_DATA/users" ] || ls "$ADDON_DATA/users" ;;
  esac
}

# use_resource ID: sets user, and the instance where that is.
use_resource() {
  check_id "$1"
  id=$1
  case $isolation in
    instance) user=default && use_instance "$id" ;;
    acl) user=$id && use_instance server ;;
  esac
}

# find_resource ID: the same, of one that is there.
find_resource() {
  use_resource "$1"
  case $isolation in
    instance) [ -d "$dir" ] || gone "$dir" ;;
    acl) [ -f "$ADDON_DATA/users/$id" ] || gone "$ADDON_DATA/users/$id" ;;
  esac
}

gone() {
  fail "$1 is missing. Put it back from a backup, or remove the add-on from the app and add it again."
}

# reach_server: sets host and port; starts the server where that is ours to do.
reach_server() {
  if [ "$mode" = external ]; then
    read_external
  else
    reach
  fi
}

read_external() {
  read_admin_url 'redis rediss' 6379
  admin=$admin_password
  admin_user=${admin_user:-default}
  scheme=redis tls=
  case $url in
    rediss:*) scheme=rediss tls=1 ;;
  esac
  case $admin_database in
    '' | 0) ;;
    *) fail "admin_url in $(overrides) names the database $admin_database. Apps are kept apart by key prefixes in database 0: leave it out." ;;
  esac
}
