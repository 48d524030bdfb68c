# Debian's packages of a server's programs.
# shellcheck shell=sh

# need_programs PACKAGES PROGRAM…
need_programs() {
  packages=$1 missing=
  shift
  for program in "$@"; do
    command -v "$program" >/dev/null 2>&1 || missing=$program
  done
  [ -n "$missing" ] || return 0
  if is_root && command -v apt-get >/dev/null 2>&1; then
    install_packages "$packages"
  elif lets_install "$packages"; then
    return 0
  else
    fail "The program $missing is not installed. Install it (as root: apt-get install $packages) and run the command again."
  fi
}

# need_supervisor: what starts servers on the host, and starts them again.
need_supervisor() {
  [ -d /run/systemd/system ] || need_programs runit runsvdir runsv svlogd chpst
}

# lets_install PACKAGES: root may have left a program that installs just these, and may let this user run it.
lets_install() {
  [ -x "$packages_program" ] || return 1
  # shellcheck disable=SC2086 # several words
  sudo -n -l "$packages_program" $1 >/dev/null 2>&1 && sudo -n "$packages_program" $1 >&2
}

packages_program=/usr/local/lib/addons/install-packages

# install_packages PACKAGES: only the programs. Debian would start a server of its own, now and at each boot.
install_packages() (
  note "installing $1"
  # One after another: the first to end would take the file away from the second.
  exec 6>/run/addons-packages.lock
  flock 6
  policy=/usr/sbin/policy-rc.d made_policy=
  # One of ours is left by a run that was killed. It would keep every service of this host from being started.
  if ! [ -e "$policy" ] || grep -q "^# $ours" "$policy"; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' HUP INT TERM
    made_policy=1
    printf '#!/bin/sh\n# %s\nexit 101\n' "$ours" >"$policy"
    chmod 755 "$policy"
  fi
  engine_before_install
  new_units=
  for unit in $engine_units; do
    systemctl cat "$unit" >/dev/null 2>&1 || new_units="$new_units $unit"
  done
  # shellcheck disable=SC2086 # several words
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -q -y --no-install-recommends $1; } >&2 6>&- ||
    fail "apt-get could not install $1, see above."
  # shellcheck disable=SC2086 # several words
  [ -z "$new_units" ] || systemctl disable --now $new_units >/dev/null 2>&1 || :
  [ -z "$made_policy" ] || rm -f "$policy"
)

ours='made by an add-on while it installs packages'
