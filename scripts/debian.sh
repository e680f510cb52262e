# Getting Debian packages, for the scripts that source this file. No shell options of its own.

# have PROGRAM: whether it can be found.
have() { command -v "$1" >/dev/null 2>&1; }

# get_packages PACKAGE...: install them as root; everybody else is told what to type. Exits 2 if it cannot be done.
get_packages() {
    if ! have apt-get; then
        echo "Missing here: $*. These are Debian's names: install what your system calls so, then try again." >&2
        exit 2
    fi
    if [ "$(id -u)" -ne 0 ]; then
        echo "Missing here: $*. Please run:" >&2
        echo "    sudo apt-get update && sudo apt-get install $*" >&2
        echo "and then the same command again." >&2
        exit 2
    fi
    echo "Installing from Debian: $*"
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "$@" >/dev/null
}
