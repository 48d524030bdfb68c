#!/bin/sh
# Does what the documentation of the official image tells of its entrypoint.
set -e

case ${1-} in
-* | *.conf) set -- redis-server "$@" ;;
esac
[ "${1-}" = redis-server ] || exec "$@"
case ${2-} in
-v | --version | -h | --help | --test-memory | --check-system) exec "$@" ;;
esac

if [ "$(id -u)" = 0 ]; then
  find . ! -user redis -exec chown redis {} +
  exec setpriv --reuid=redis --regid=redis --clear-groups -- "$0" "$@"
fi

# The official image is built with protected mode off; Debian's program has it on.
case " $* " in
*' --protected-mode '*) ;;
*)
  shift
  case ${1-} in
  '' | -*) set -- redis-server --protected-mode no "$@" ;;
  *)
    conf=$1
    shift
    if grep -qs '^ *protected-mode' "$conf"; then
      set -- redis-server "$conf" "$@"
    else
      set -- redis-server "$conf" --protected-mode no "$@"
    fi
    ;;
  esac
  ;;
esac

umask 077
exec "$@"
