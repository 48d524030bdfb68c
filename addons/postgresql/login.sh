# The two logins of a resource, ID_a and ID_b: rotate gives the other one a new password, so the old one stays good for a while.
# shellcheck shell=sh

# login_of ID PRIVATE: sets login and password. A private that is not ours, of a role adopted by hand, is the password of ID_a.
login_of() {
  login=$1_a
  password=$2
  case $2 in
    b*)
      case ${2#b} in
        *[!0-9a-f]*) ;;
        *) [ "${#2}" != 41 ] || login=$1_b ;;
      esac
      ;;
  esac
}
