# A place for copies of an app's data while dump and restore run.
# shellcheck shell=sh

# make_stage: a directory for this run. Those of dead runs go.
make_stage() {
  for left in "$ADDON_DATA"/.stage.*; do
    maker=${left#"$ADDON_DATA"/.stage.}
    [ "$(process_start "${maker%.*}")" = "${maker#*.}" ] || rm -rf "$left"
  done
  stage=$ADDON_DATA/.stage.$$.$(process_start $$)
  trap 'rm -rf "$stage"' EXIT
  trap 'exit 1' HUP INT TERM
  rm -rf "$stage"
  mkdir "$stage"
}
