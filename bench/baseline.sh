#!/usr/bin/env bash
# The plain hook that the figures are compared with: no lock, no journal, no check of anything.
# Usage: baseline.sh HOME APP
set -eu
home=$1 app=$2
env=$home/apps/$app/ENV
touch "$env"
while IFS=';' read -r name id private; do
  url=$("$home/lib/add-ons/$name/url" "$id" "$private")
  variable=X_$(tr '[:lower:]' '[:upper:]' <<<"$name")_URL
  sed -i "/^export $variable=/d" "$env"
  printf "export %s='%s'\n" "$variable" "$url" >>"$env"
done <"$home/apps/$app/ADDONS"
