#!/usr/bin/env bash
# Locks each set with hashes, for Python 3.11 and all later ones. What the sets share has one version in all.
set -euo pipefail
cd "$(dirname "$0")/.."

export UV_PYTHON_DOWNLOADS=never UV_CUSTOM_COMPILE_COMMAND="make lock"
lock() {
    local set=$1
    shift
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        "requirements/$set.in" --output-file "requirements/$set.txt" "$@"
}

lock development "$@"
lock base --constraint requirements/development.txt
lock production --constraint requirements/development.txt
