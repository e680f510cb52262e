#!/usr/bin/env bash
# Everything that can be found wrong without running the application. Goes on after a failure, so that all is seen.
set -uo pipefail
cd "$(dirname "$0")/.."

VAR_DIR=$(mktemp -d)
export VAR_DIR
trap 'rm -rf "$VAR_DIR"' EXIT
unset DATABASE_URL CELERY_BROKER_URL DEBUG DJANGO_SETTINGS_MODULE

bin=.venv/bin
failed=()

# tell NAME STATUS OUTPUT: one line of what came out, and all that was said if it is wrong.
tell() {
    if [ "$2" -eq 0 ]; then
        echo "ok      $1"
    else
        failed+=("$1")
        echo "FAILED  $1"
        echo "$3"
    fi
}

step() {
    local name=$1 output status=0
    shift
    output=$("$@" 2>&1) || status=$?
    tell "$name" "$status" "$output"
}

in_production() {
    DJANGO_SETTINGS_MODULE=cms.settings.production ALLOWED_HOSTS=evergreen.invalid \
        SECRET_KEY=$($bin/python -c 'import secrets; print(secrets.token_urlsafe(50))') "$@"
}

# The types take as long as all the rest, so they are looked at beside it.
$bin/mypy >"$VAR_DIR/types" 2>&1 &
types=$!

step "lint" $bin/ruff check .
step "format" $bin/ruff format --check .
step "tests import" $bin/python -m pytest --collect-only -q
step "import contracts" $bin/lint-imports
step "configuration" $bin/python manage.py check --fail-level WARNING
step "production configuration" in_production $bin/python manage.py check --deploy --fail-level WARNING
step "migrations up to date" $bin/python manage.py makemigrations --check --dry-run
step "templates compile" $bin/python scripts/check_templates.py
step "translations compile" $bin/python scripts/compile_messages.py --check
step "static files collect" in_production $bin/python manage.py collectstatic --noinput
status=0
wait "$types" || status=$?
tell "types" "$status" "$(cat "$VAR_DIR/types")"

if [ "${#failed[@]}" -gt 0 ]; then
    echo "make check: ${#failed[@]} of the checks failed: $(IFS=,; echo "${failed[*]}")"
    exit 1
fi
