#!/bin/sh
# Makes .venv from one lock file and installs the project into it. Says what it does; does nothing
# twice. Usage: tools/venv.sh runtime|dev
set -eu
cd "$(dirname "$0")/.."
lock="requirements/$1.txt"

mark() { cat "requirements/$1.txt" pyproject.toml | cksum; }
installed() { [ -x .venv/bin/filodiretto ] && [ "$(cat ".venv/.installed-$1" 2>/dev/null)" = "$(mark "$1")" ]; }
if installed "$1" || installed dev; then exit 0; fi

say() { printf '==> %s\n' "$*"; }
stop() { printf 'error: %s\n' "$*" >&2; exit 1; }

# A distribution's Python is built with profile-guided optimisation, one from source as a rule is
# not and takes an eighth more CPU: so the distribution's comes first, if it can make environments.
python="${PYTHON:-}"
if [ -z "$python" ]; then
    for name in 3.11 3.12 3.13; do
        if "/usr/bin/python$name" -c 'import ensurepip' >/dev/null 2>&1; then python="/usr/bin/python$name"; break; fi
    done
fi
if [ -z "$python" ]; then
    for name in python3.11 python3.12 python3.13 python3; do
        if command -v "$name" >/dev/null 2>&1; then python="$name"; break; fi
    done
fi
[ -n "$python" ] || stop "Python 3.11 or newer is not installed. On Debian: apt-get install python3"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "$("$python" --version) is too old: Filodiretto needs 3.11 or newer (PYTHON=/path/to/python3.11 make ...)"

# Debian splits pip out of Python. Its own package of the pip wheel can be unpacked without root.
pip_wheel() {
    command -v apt-get >/dev/null 2>&1 || stop "pip is missing and there is no apt-get to fetch it: install python3-venv"
    say "fetching pip from Debian (no root needed)" >&2
    lists="$(mktemp -d)"
    mkdir -p "$lists/state/lists/partial" "$lists/cache/archives/partial"
    cp /var/lib/dpkg/status "$lists/state/status"
    (
        cd "$lists"
        options="-o Dir::State=$lists/state -o Dir::State::status=$lists/state/status \
                 -o Dir::Cache=$lists/cache -o Debug::NoLocking=1 -o APT::Sandbox::User="
        # shellcheck disable=SC2086 # a list of options
        { apt-get $options update && apt-get $options download python3-pip-whl; } >apt.log 2>&1
        # shellcheck disable=SC2211 # the one package downloaded
        dpkg-deb -x python3-pip-whl_*.deb unpacked
    ) || stop "Debian's pip could not be fetched ($lists/apt.log). With root: apt-get install python3-venv"
    ls "$lists"/unpacked/usr/share/python-wheels/pip-*.whl
}

if [ ! -x .venv/bin/python ]; then
    say "making .venv with $("$python" --version)"
    if "$python" -c 'import ensurepip' >/dev/null 2>&1; then
        "$python" -m venv .venv
    else
        wheel="$(pip_wheel)"
        "$python" -m venv --without-pip .venv
        .venv/bin/python "$wheel/pip" install --quiet --no-index "$wheel"
    fi
fi
say "installing $(grep -c == "$lock") pinned packages ($lock)"
.venv/bin/python -m pip install --disable-pip-version-check --no-warn-script-location \
    --progress-bar off --require-hashes -r "$lock" |
    sed -un -e 's/^Collecting \([^ ]*\).*/    \1/p' -e 's/^Installing collected.*/    unpacking/p'
.venv/bin/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
[ -x .venv/bin/filodiretto ] || stop "the installation did not finish: see the lines above"
mark "$1" >".venv/.installed-$1"
