# Debian's packages for it. Root runs these lines for others, too.
# shellcheck shell=sh

# The programs only: the package mariadb-server would bring a server that starts at each boot.
engine_packages='mariadb-server-core mariadb-client'
engine_client_packages=mariadb-client
engine_units=mariadb

engine_before_install() { :; }
