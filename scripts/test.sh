#!/usr/bin/env bash
# Everything that must hold before a change goes in: set-up, checks, all tests on SQLite, then again on PostgreSQL
# those that touch the database, but for long ones that are the same on any. What is said after `make test ARGS=` goes
# to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh
scripts/install_servers.sh
unset DATABASE_URL CELERY_BROKER_URL VAR_DIR DEBUG DJANGO_SETTINGS_MODULE

scripts/check.sh

# In memory where there is room for it: git and the databases wait for the disk at every write, a sixth of all time.
room_in_memory() {
    local kilobytes=4000000
    [ -w /dev/shm ] && [ "$(df --output=avail /dev/shm | tail -1)" -gt "$kilobytes" ] &&
        [ "$(awk '/MemAvailable/ {print $2}' /proc/meminfo)" -gt "$((2 * kilobytes))" ] &&
        ! findmnt --noheadings --output OPTIONS --target /dev/shm | grep -qw noexec
}
if [ -z "${TMPDIR:-}" ] && room_in_memory; then
    TMPDIR=$(mktemp -d /dev/shm/evergreen-tests-XXXXXX)
    export TMPDIR
    # PostgreSQL's user must come through.
    chmod 711 "$TMPDIR"
    trap 'rm -rf "$TMPDIR"' EXIT
fi

pytest=(.venv/bin/python -m pytest -n 2 --dist worksteal "$@")
echo "== All tests, on SQLite"
"${pytest[@]}"
echo "== The tests that touch the database, on PostgreSQL"
.venv/bin/python -m tests.servers "${pytest[@]}" -m "database and not embedded and not once"
