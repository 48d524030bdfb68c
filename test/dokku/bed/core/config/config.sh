#!/usr/bin/env bash
# The configuration of apps, as Dokku keeps it: a file that nobody else may touch. There is no lock.
set -eo pipefail; [[ $DOKKU_TRACE ]] && set -x
source "$PLUGIN_CORE_AVAILABLE_PATH/common/functions"

env_file() { echo "$DOKKU_LIB_ROOT/config/$1/ENV"; }

config_lines() { [[ ! -f $(env_file "$1") ]] || cat "$(env_file "$1")"; }

config_write() {
  mkdir -p "$DOKKU_LIB_ROOT/config/$1"
  cat >"$(env_file "$1").$$"
  mv "$(env_file "$1").$$" "$(env_file "$1")"
}

# A value is kept between single quotes, as in Dokku's own file.
config_set() {
  local app="$1" pair lines
  shift
  lines="$(config_lines "$app")"
  for pair in "$@"; do
    [[ $pair =~ ^[a-zA-Z_][a-zA-Z0-9_]*= ]] || dokku_log_fail "Invalid env pair: $pair"
    lines="$(grep -v "^${pair%%=*}=" <<<"$lines" || true)"
    lines+=$'\n'"${pair%%=*}='${pair#*=}'"
  done
  [[ $DOKKU_QUIET_OUTPUT ]] || printf '       %s\n' "$@"
  grep . <<<"$lines" | config_write "$app"
}

config_unset() {
  local lines
  lines="$(config_lines "$1" | grep -v "^$2=" || true)"
  { grep . <<<"$lines" || true; } | config_write "$1"
}

config_get() { config_lines "$1" | sed -n "s/^$2='\(.*\)'$/\1/p"; }
