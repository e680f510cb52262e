#!/usr/bin/env bash
# The proof of the sync in its full length: random steps and random kills on both databases, and two workers on
# PostgreSQL and Redis; a term of many posts renamed, merged and undone; and on PostgreSQL what `make test` tries on SQLite
# alone. Says how far it is, goes on after a failure, and ends with one line for all.
set -uo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh && scripts/install_servers.sh || exit 2
unset DATABASE_URL CELERY_BROKER_URL VAR_DIR DEBUG DJANGO_SETTINGS_MODULE CI
export SOAK_STEPS=${SOAK_STEPS:-10000} SOAK_KILLS=${SOAK_KILLS:-500} SOAK_SECONDS=${SOAK_SECONDS:-600}
export SOAK_POSTS=${SOAK_POSTS:-10000}
export SOAK_SEED=${SOAK_SEED:-$RANDOM}
echo "$SOAK_STEPS steps, $SOAK_KILLS kills (SOAK_SEED=$SOAK_SEED), $SOAK_SECONDS seconds of two workers, $SOAK_POSTS posts"

on_sqlite=(.venv/bin/python -m pytest -q -s)
on_postgresql=(.venv/bin/python -m tests.servers "${on_sqlite[@]}")
told=()
failed=0

part() {
    local name=$1 started=$SECONDS
    shift
    echo "== $name"
    if "$@"; then
        told+=("$name: passed in $((SECONDS - started)) s")
    else
        told+=("$name: FAILED after $((SECONDS - started)) s")
        failed=1
    fi
}

kills=tests/posts/test_crashes.py::test_workers_killed_at_any_moment_lose_and_double_nothing
part "steps on SQLite" "${on_sqlite[@]}" tests/posts/test_any_order.py
part "kills on SQLite" "${on_sqlite[@]}" "$kills"
part "terms in $SOAK_POSTS posts" "${on_sqlite[@]}" tests/posts/test_terms_in_many_posts.py
part "steps on PostgreSQL" "${on_postgresql[@]}" tests/posts/test_any_order.py
part "kills on PostgreSQL" "${on_postgresql[@]}" "$kills"
part "what make test leaves out on PostgreSQL" "${on_postgresql[@]}" -m "database and not embedded and once" \
    --ignore=tests/posts/test_any_order.py
part "two workers" "${on_postgresql[@]}" tests/posts/test_two_workers.py

echo "== make soak: $SOAK_STEPS steps, $SOAK_KILLS kills, $SOAK_SECONDS seconds"
printf '%s\n' "${told[@]}"
exit $failed
