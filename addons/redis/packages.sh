# Debian's packages for it. Root runs these lines for others, too.
# shellcheck shell=sh

engine_packages='redis-server redis-tools'
engine_client_packages=redis-tools
# What the packages would have the host start.
engine_units=redis-server

engine_before_install() { :; }
