#!/usr/bin/env bash
# Gets what the tests talk to, from Debian's packages: only what is missing. Starts nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/debian.sh
. scripts/debian.sh

missing=()
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
have redis-server || missing+=(redis-server)
have chromium-headless-shell || missing+=(chromium-headless-shell)
have git || missing+=(git)
have ssh || missing+=(openssh-client)
have sshd || [ -x /usr/sbin/sshd ] || missing+=(openssh-server)
compgen -G '/usr/share/fonts/opentype/noto/NotoSansCJK*' >/dev/null || missing+=(fonts-noto-cjk)

if [ "${#missing[@]}" -gt 0 ]; then
    # The tests start private servers of their own: Debian's must not start, nor take their ports.
    mkdir -p /etc/postgresql-common 2>/dev/null || true
    if [ -w /etc/postgresql-common ] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
    fi
    if [[ " ${missing[*]} " == *" openssh-server "* ]]; then
        mkdir -p /etc/ssh 2>/dev/null && touch /etc/ssh/sshd_not_to_be_run 2>/dev/null || true
    fi
    get_packages "${missing[@]}"
fi
