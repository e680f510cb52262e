#!/usr/bin/env bash
# Gathers our strings into cms/locale, one file for all. Unfold's own, which come with no Chinese, are kept by hand
# in cms/unfold_locale, where this does not take them for strings that went out of use.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/debian.sh
. scripts/debian.sh
have xgettext || get_packages gettext
scripts/setup.sh
mkdir -p cms/locale
.venv/bin/python manage.py makemessages --locale zh_Hans --no-location --no-wrap \
    --ignore '.venv/*' --ignore 'tests/*' --ignore 'var/*' --ignore 'bench/*'
