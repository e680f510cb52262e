#!/usr/bin/env bash
# Makes .venv from nothing and brings it to the locked packages. Finds nothing to do the second time.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/debian.sh
. scripts/debian.sh

UV_VERSION=0.13.9
LOCK=requirements/development.txt
STAMP=.venv/.installed

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
whole() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

find_python() {
    local name
    for name in python3 python3.13 python3.12 python3.11; do
        if have "$name" && new_enough "$name"; then
            echo "$name"
            return
        fi
    done
}

missing=()
python=$(find_python)
[ -n "$python" ] || missing+=(python3 python3-venv)
# Debian leaves ensurepip out of python3.
[ -z "$python" ] || whole "$python" || missing+=(python3-venv)
have git || missing+=(git)
[ "${#missing[@]}" -eq 0 ] || get_packages "${missing[@]}"

python=$(find_python)
if [ -z "$python" ] || ! whole "$python"; then
    echo "Evergreen needs Python 3.11 or newer with venv, and found none under the name python3." >&2
    exit 2
fi

wanted="$("$python" -c 'import platform; print(platform.python_version())') uv-$UV_VERSION $(sha256sum <"$LOCK")"
if [ "$(cat "$STAMP" 2>/dev/null)" != "$wanted" ] || ! .venv/bin/python -c '' 2>/dev/null; then
    echo "Installing Python packages into .venv"
    rm -f "$STAMP"
    if [ "$(.venv/bin/python -V 2>/dev/null)" != "$("$python" -V)" ]; then
        "$python" -m venv --clear .venv
    fi
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
    UV_PYTHON_DOWNLOADS=never .venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r "$LOCK"
    echo "$wanted" >"$STAMP"
fi

.venv/bin/python scripts/compile_messages.py
