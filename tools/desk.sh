#!/bin/sh
# Builds the page that people work with (web/) into gateway/web/static. Says what it does; does
# nothing twice. Usage: tools/desk.sh [build | types | check | node ARGUMENTS...]
#   build  the page, if its sources have changed
#   types  of requests, answers and frames, from the daemon's own document
#   check  types, lint, unit tests and what a first visit loads
#   node   run a program with the same Node, in web/
# Node 20.19 or newer is used if the machine has it, else one from the package index in its own
# environment (.venv-node, from requirements/node.txt); with DESK_NODE=machine nothing is built then.
set -eu
cd "$(dirname "$0")/.."

say() { printf '==> %s\n' "$*"; }
stop() { printf 'error: %s\n' "$*" >&2; exit 1; }

new_enough() {
    "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number);
             process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null
}

find_node() {
    if command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 && new_enough node; then return; fi
    if [ "${DESK_NODE:-}" = machine ]; then
        say "no Node 20.19 or newer here: the page is left out"
        exit 0
    fi
    if [ "$(cat .venv-node/.installed 2>/dev/null)" != "$(cksum <requirements/node.txt)" ]; then
        python="${PYTHON:-}"
        [ -n "$python" ] || { [ -x .venv/bin/python ] && python=.venv/bin/python; } || python=python3
        say "no Node 20.19 or newer here: installing one into .venv-node" >&2
        "$python" -m venv --without-pip .venv-node
        "$python" -m pip --python .venv-node/bin/python install --disable-pip-version-check --quiet \
            --require-hashes -r requirements/node.txt >&2 ||
            stop "Node could not be installed. With root on Debian 13: apt-get install nodejs npm"
        cksum <requirements/node.txt >.venv-node/.installed
    fi
    PATH="$PWD/.venv-node/bin:$PATH"
    export PATH
    new_enough node || stop "the Node in .venv-node does not run here: install Node 20.19 or newer"
}

packages() {
    [ "$(cat web/node_modules/.installed 2>/dev/null)" != "$(cksum <web/package-lock.json)" ] || return 0
    say "installing the page's $(grep -c '"integrity"' web/package-lock.json) pinned packages (web/package-lock.json)"
    (cd web && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) || stop "npm ci failed: see the lines above"
    cksum <web/package-lock.json >web/node_modules/.installed
}

# What the page is made of; the types of the API do not reach it.
sources() {
    find web/src web/index.html web/vite.config.ts web/package-lock.json -type f \
        ! -name 'schema.d.ts' ! -name 'openapi.json' ! -name '*.test.ts' ! -name '*.test.tsx' |
        LC_ALL=C sort | while read -r file; do cksum "$file"; done | cksum
}

build() {
    now="$(sources)"
    if [ -f gateway/web/static/index.html ] && [ "$(cat gateway/web/static/.sources 2>/dev/null)" = "$now" ]; then return; fi
    find_node
    packages
    say "building the page into gateway/web/static"
    # beside it and then in its place: a gateway that starts meanwhile finds a whole page
    (cd web && npx --no-install vite build --logLevel warn) ||
        stop "the page could not be built: see the lines above"
    printf '%s\n' "$now" >gateway/web/static.new/.sources
    rm -rf gateway/web/static
    mv gateway/web/static.new gateway/web/static
}

# The types of requests, answers and frames, from the document that the daemon publishes.
types() {
    .venv/bin/python -m gateway.web >web/src/api/openapi.json
    [ "$(cat web/node_modules/.types 2>/dev/null)" = "$(cksum <web/src/api/openapi.json)" ] && [ -f web/src/api/schema.d.ts ] && return
    (cd web && npx --no-install openapi-typescript src/api/openapi.json --default-non-nullable=false --output src/api/schema.d.ts >/dev/null)
    cksum <web/src/api/openapi.json >web/node_modules/.types
}

check() {
    find_node
    packages
    types
    (cd web && npx --no-install tsc --noEmit && npx --no-install biome check --error-on-warnings &&
        npx --no-install vitest run --reporter=dot)
    build
    (cd web && node scripts/size.mjs)
}

case "${1:-build}" in
build) build ;;
types) find_node && packages && types ;;
check) check ;;
node) shift && find_node && packages && cd web && exec "$@" ;;
*) stop "usage: tools/desk.sh [build | types | check | node ARGUMENTS...]" ;;
esac
