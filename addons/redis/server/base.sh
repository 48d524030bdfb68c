# What every script of this add-on starts with. The files of this directory are the same in all server add-ons.
# shellcheck shell=sh
set -eu
[ -z "${ADDON_TRACE:-}" ] || set -x
umask 077
LC_ALL=C # bytes, not characters; [a-z] means just that
export LC_ALL

script=${0##*/}

fail() {
  printf '%s: %s\n' "$script" "$1" >&2
  exit 1
}

note() {
  printf '%s: %s\n' "$script" "$1" >&2
}

# 160 bits, as digits that need no quotes anywhere.
new_secret() {
  od -An -N20 -tx1 /dev/urandom | tr -d ' \n'
}

is_root() {
  [ "$(id -u)" = 0 ]
}

# Root must not lock the platform's own user out: what it writes belongs to whom $ADDON_DATA belongs.
give_back() {
  ! is_root || chown --reference="$ADDON_DATA" "$@"
}

# put FILE <CONTENT: replaces it, whole or not at all.
put() {
  # Hidden: where it is left behind, nobody takes it for one of the files beside it.
  fresh=${1%/*}/.new.${1##*/}.$$
  cat >"$fresh"
  give_back "$fresh"
  sync "$fresh"
  mv -T "$fresh" "$1"
  sync "${1%/*}"
}

# make_file FILE: an empty one, unless it is there.
make_file() {
  [ ! -e "$1" ] || return 0
  : >"$1"
  give_back "$1"
}

# make_directory DIR MODE
make_directory() {
  mkdir -p "$1"
  chmod "$2" "$1"
  give_back "$1"
}

# percent_encoded TEXT
percent_encoded() {
  rest=$1
  while [ -n "$rest" ]; do
    tail=${rest#?}
    byte=${rest%"$tail"}
    rest=$tail
    case $byte in
      [A-Za-z0-9._~-]) printf %s "$byte" ;;
      *) printf '%%%02X' "'$byte" ;;
    esac
  done
}

# percent_decoded TEXT
percent_decoded() {
  rest=$1
  while [ -n "$rest" ]; do
    case $rest in
      %[0-9A-Fa-f][0-9A-Fa-f]*)
        tail=${rest#%??}
        byte=${rest%"$tail"}
        # shellcheck disable=SC2059 # the escape must be part of the format
        printf "\\$(printf %03o "0x${byte#%}")"
        ;;
      *)
        tail=${rest#?}
        printf %s "${rest%"$tail"}"
        ;;
    esac
    rest=$tail
  done
}

# new_id APP LENGTH: a name of small letters, digits and "_" that begins with a letter, shows the app, and is the same for
# the same operation and never for another. Only the app's part is cut to fit.
new_id() {
  case $1 in
    '' | [!a-z0-9]* | *[!a-z0-9._-]*) fail "\"$1\" is not the name of an app." ;;
  esac
  operation=${ADDONS_OP_ID:-$(new_secret)}
  case $operation in
    *[!a-z0-9]*) fail 'ADDONS_OP_ID may hold small letters and digits only.' ;;
  esac
  case $1 in
    [a-z]*) app=$1 ;;
    *) app=a$1 ;;
  esac
  printf '%s_%s' "$(printf %s "$app" | tr .- __ | cut -c "1-$(($2 - ${#operation} - 1))")" "$operation"
}

# check_id ID: whatever new_id makes. What is no id reaches no path and no query.
check_id() {
  case $1 in
    '' | [!a-z]* | *[!a-z0-9_]*) fail "\"$1\" is not an id of this add-on." ;;
  esac
}
