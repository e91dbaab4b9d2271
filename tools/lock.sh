#!/bin/sh
# Renews the lock files: exact versions with hashes, no index lines. Run by `make lock`.
set -eu
cd "$(dirname "$0")/.."
compile() {
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links "$@"
}
.venv/bin/python -m pip install --quiet uv
compile pyproject.toml --extra postgres --extra mysql --extra nats --extra dev --extra bench --group build \
    --output-file requirements/dev.txt "$@"
compile pyproject.toml --extra fuzz --constraints requirements/dev.txt \
    --output-file requirements/fuzz.txt "$@"
compile pyproject.toml --group build --constraints requirements/dev.txt \
    --output-file requirements/runtime.txt "$@"
compile requirements/node.in --output-file requirements/node.txt "$@"
(cd web && rm -f package-lock.json && npm install --package-lock-only)
