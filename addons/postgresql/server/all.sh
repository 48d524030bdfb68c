# Everything the scripts use, and what is the engine's own.
# shellcheck shell=sh
. "$ADDON_ROOT/server/base.sh"
. "$ADDON_ROOT/server/address.sh"
. "$ADDON_ROOT/server/mode.sh"
. "$ADDON_ROOT/server/packages.sh"
. "$ADDON_ROOT/server/docker.sh"
. "$ADDON_ROOT/server/host.sh"
. "$ADDON_ROOT/server/external.sh"
. "$ADDON_ROOT/server/instance.sh"
. "$ADDON_ROOT/engine.sh"
