#!/usr/bin/env bash
set -eo pipefail; [[ $DOKKU_TRACE ]] && set -x
source "$PLUGIN_CORE_AVAILABLE_PATH/common/functions"

create_app() {
  [[ ! -d $DOKKU_ROOT/$1 ]] || dokku_log_fail "Name is already taken"
  mkdir -p "$DOKKU_ROOT/$1"
  plugn trigger post-create "$1"
}

destroy_app() {
  plugn trigger pre-delete "$1" latest
  rm -rf "${DOKKU_ROOT:?}/$1"
  plugn trigger post-delete "$1" latest
}
