# Debian's packages for it. Root runs these lines for others, too.
# shellcheck shell=sh

engine_packages=postgresql
engine_client_packages=postgresql-client
engine_units=

# Debian's packages make and start a cluster "main" unless told not to.
engine_before_install() {
  [ -e /etc/postgresql-common/createcluster.conf ] || {
    (umask 022 && mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf)
  }
}
