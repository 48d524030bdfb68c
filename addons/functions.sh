# shellcheck shell=sh
# Functions for the shell scripts of add-ons and plugins. They come with the tool, which tells every script where:
#
#   . "$ADDONS_FUNCTIONS"
#
# Plain POSIX sh, for dash and bash alike. Whoever sources this is traced where that is asked for. Names that start with
# addons_ are taken; those with addons__ may change.

[ -z "${ADDON_TRACE:-}" ] || set -x

# addons_fail MESSAGE: says what is wrong, and ends the script with 1.
addons_fail() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  exit 1
}

# addons_say MESSAGE: tells people what is being done. stdout is for answers, so it goes to stderr.
addons_say() { printf -- '-----> %s\n' "$1" >&2; }

# addons_id APP: an id for provision, understandable by the app's name and unique for ever by the operation's id.
addons_id() { printf '%s-%s\n' "$1" "${ADDONS_OP_ID:?is set for provision}"; }

# addons_check_id ID: fails for what would lead out of a directory, or be no file's name in it.
addons_check_id() {
  case $1 in '' | .* | */* | -*) addons_fail "\"$1\" is not an id of this add-on." ;; esac
}

# addons_secret [BYTES]: a new secret in hex, which needs no escaping anywhere; 16 bytes unless told otherwise.
addons_secret() {
  od -An -v -N"${1:-16}" -tx1 /dev/urandom | tr -d ' \n'
  echo
}

# addons_percent_encoded TEXT: as it may stand in any part of a URL but for the slashes, which are kept.
addons_percent_encoded() (
  LC_ALL=C # bytes, not characters
  text=$1 encoded=
  while [ -n "$text" ]; do
    rest=${text#?}
    byte=${text%"$rest"}
    text=$rest
    case $byte in
      [A-Za-z0-9/._~-]) encoded=$encoded$byte ;;
      *) encoded=$encoded$(printf '%%%02X' "'$byte") ;;
    esac
  done
  printf '%s\n' "$encoded"
)

# addons_durable PATH...: returns when these files and directories would survive a power cut.
addons_durable() { sync "$@" 2>/dev/null || sync; }

# addons_app [NAME]: the app that a plugin's command is for: the name that was typed, else the one in X_APP_NAME.
addons_app() {
  addons__prefix=$(printf '%s' "${ADDONS_PLATFORM:-x}" | LC_ALL=C tr '[:lower:]' '[:upper:]' | LC_ALL=C tr -c 'A-Z0-9' _)
  if [ -z "${1:-}" ]; then eval "set -- \"\${${addons__prefix}_APP_NAME:-}\""; fi
  [ -n "$1" ] || addons_fail "Name an app, or set ${addons__prefix}_APP_NAME."
  printf '%s\n' "$1"
}

# addons_not_mine: ends a plugin's commands for a word that is none of its own.
addons_not_mine() { exit 10; }
