# Which server: a container, a process of this host, or one that is there already. Chosen once, by enable, and kept.
# shellcheck shell=sh

# choose_mode: for enable only. Sets mode, and what else is kept for all of the add-on's time.
choose_mode() {
  wanted=${ADDON_CONFIG_SERVER:-auto}
  case $wanted in
    auto | docker | host | external) ;;
    *) fail "server = \"$wanted\" is not known. Say \"auto\", \"docker\", \"host\" or \"external\" in $(overrides)." ;;
  esac
  case ${ADDON_CONFIG_START_TIMEOUT:-60} in
    0 | *[!0-9]*) fail "start_timeout = $ADDON_CONFIG_START_TIMEOUT in $(overrides) is no number of seconds." ;;
  esac
  case ${ADDON_CONFIG_LISTEN:-127.0.0.1} in
    0.0.0.0 | :: | *[!0-9A-Za-z.:-]*) fail "listen = \"$ADDON_CONFIG_LISTEN\" in $(overrides) is no address that an app can connect to. Say the one address of this host that they reach." ;;
  esac
  if ! [ -f "$ADDON_DATA/token" ]; then
    trap undo_enable EXIT
    trap 'exit 1' HUP INT TERM
  fi
  # A first enable that failed binds nobody.
  if [ -f "$ADDON_DATA/mode" ] && { [ -f "$ADDON_DATA/enabled" ] || [ -n "$(instances)" ]; }; then
    read -r mode <"$ADDON_DATA/mode"
    [ "$wanted" = auto ] || [ "$wanted" = "$mode" ] || fail "This add-on was enabled with server = \"$mode\", and its data is there. To change to \"$wanted\": dump what the apps have (addons dump APP $ADDON -o FILE), addons disable $ADDON, addons enable $ADDON, add and restore. Or set server back to \"$mode\"."
  elif [ "$wanted" != auto ]; then
    mode=$wanted
  elif docker_answers; then
    mode=docker
  else
    mode=host
  fi
  [ -f "$ADDON_DATA/token" ] || new_secret | cut -c 1-8 | put "$ADDON_DATA/token"
  [ -f "$ADDON_DATA/admin" ] || printf '%s\n' "$(new_secret)" | put "$ADDON_DATA/admin"
  printf '%s\n' "$mode" | put "$ADDON_DATA/mode"
  load_mode
  [ "$mode" != docker ] || check_docker
}

# undo_enable: takes back what the very first enable has made before it failed. Nothing else can be there.
undo_enable() {
  [ "$?" != 0 ] || return 0
  trap - EXIT
  for instance in $(instances); do
    use_instance "$instance"
    destroy_instance
  done
  [ ! -f "$ADDON_DATA/mode" ] || forget_all
  "$ADDON_ROOT/disable"
  exit 1
}

# load_mode: sets mode; token, which names containers and users of this very installation; admin, its own password.
load_mode() {
  [ -f "$ADDON_DATA/mode" ] || fail "$ADDON is not enabled: addons enable $ADDON."
  read -r mode <"$ADDON_DATA/mode"
  { read -r token <"$ADDON_DATA/token" && read -r admin <"$ADDON_DATA/admin"; } 2>/dev/null ||
    fail "$ADDON_DATA/token and $ADDON_DATA/admin cannot be read by $(id -un). Run the command as root, or put them back from a backup."
}

# forget_mode: the end of enable's choices. The mode goes first: without it the rest means nothing, whoever is killed here.
forget_mode() {
  rm -f "$ADDON_DATA/mode"
  rm -f "$ADDON_DATA/admin" "$ADDON_DATA/token" "$ADDON_DATA"/.new.*
  sync "$ADDON_DATA"
}

overrides() {
  printf %s "${ADDON_OVERRIDES:-/etc/$ADDONS_PLATFORM/add-ons.d/$ADDON.toml}"
}
