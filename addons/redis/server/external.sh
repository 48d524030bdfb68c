# A server that is there already, a managed one for example. Nothing is started, only accounts and data are made in it.
# shellcheck shell=sh

# read_admin_url SCHEMES DEFAULT-PORT: takes admin_url apart into admin_user, admin_password, admin_database, host, port,
# host_in_url (as it stands) and query.
read_admin_url() {
  url=${ADDON_CONFIG_ADMIN_URL:-}
  [ -n "$url" ] || fail "server = \"external\" needs admin_url, the URL of the server with an administrator's name and password. Set it in $(overrides), mode 0600."
  case " $1 " in
    *" ${url%%://*} "*) ;;
    *) fail "admin_url in $(overrides) does not begin with ${1%% *}://." ;;
  esac
  rest=${url#*://}
  query=
  case $rest in
    *\?*) query="?${rest#*\?}" rest=${rest%%\?*} ;;
  esac
  admin_database=
  case $rest in
    */*) admin_database=$(percent_decoded "${rest#*/}") rest=${rest%%/*} ;;
  esac
  case $rest in
    *@*) credentials=${rest%@*} rest=${rest##*@} ;;
    *) credentials= ;;
  esac
  admin_user=$(percent_decoded "${credentials%%:*}")
  case $credentials in
    *:*) admin_password=$(percent_decoded "${credentials#*:}") ;;
    *) admin_password= ;;
  esac
  case $rest in
    \[*\]:*) host_in_url=${rest%:*} port=${rest##*:} ;;
    \[*\]) host_in_url=$rest port=$2 ;;
    *:*) host_in_url=${rest%:*} port=${rest##*:} ;;
    *) host_in_url=$rest port=$2 ;;
  esac
  host=${host_in_url#\[}
  host=${host%\]}
  [ -n "$host" ] || fail "admin_url in $(overrides) names no host."
}
