#!/bin/sh
# Installs the Debian packages that the tests need; without root it says which ones are missing.
set -eu
need=""
add() { command -v "$1" >/dev/null 2>&1 || need="$need $2"; }
add mmdebstrap mmdebstrap
add chromium chromium
add ip iproute2
add sipp sip-tester
add baresip baresip-core
[ -x /usr/lib/postgresql/15/bin/initdb ] || command -v initdb >/dev/null 2>&1 || need="$need postgresql"
[ -x /usr/sbin/mariadbd ] || need="$need mariadb-server-core"
add my_print_defaults mariadb-client-core # which mariadb-install-db asks
[ -n "$need" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    printf '==> installing%s\n' "$need"
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of packages
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $need >/dev/null
    exit 0
fi
printf 'These programs are needed by the tests and are missing:%s\n' "$need" >&2
if [ "${ALLOW_SKIPS:-}" = 1 ]; then
    printf 'ALLOW_SKIPS=1: the tests that need them will be skipped.\n' >&2
    exit 0
fi
printf 'Remedy: run `make test` as root, or install them (apt-get install%s), or set ALLOW_SKIPS=1.\n' "$need" >&2
exit 1
