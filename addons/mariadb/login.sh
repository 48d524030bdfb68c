# Which login a private is the password of. Starts no program: url runs at every release.
# shellcheck shell=sh

# login_of ID PRIVATE: sets login. Two reach the database, and rotate gives the other one a new password. Which one it is
# tells the first letter of the private; a private that somebody else thought of belongs to the first.
login_of() {
  login=$1_a
  [ "${#2}" = 41 ] || return 0
  case $2 in
    b*[!0-9a-f]*) ;;
    b*) login=$1_b ;;
  esac
}
