#!/bin/sh
# Installs Debian packages, as root or through sudo, without a question asked.
#   apt_install.sh LOG PACKAGE...
# Ends with 0 (done), 1 (apt failed: the end of the log is shown) or 3 (not permitted: the command is shown).
set -u
log=$1
shift

LOCK_WAIT=${LESIONHET_LOCK_WAIT:-600}
command="sudo apt-get update && sudo apt-get install -y --no-install-recommends $*"

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        as_root=no
    elif sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    elif [ -t 0 ] && [ -t 2 ]; then
        as_root=sudo
    else
        as_root=no
    fi
fi
if [ "$as_root" = no ]; then
    echo "[setup] These Debian packages are missing, and installing them needs root or sudo: $*" >&2
    echo "[setup] Have this run, then start again:" >&2
    echo "    $command" >&2
    exit 3
fi

apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l \
        apt-get -q -o "DPkg::Lock::Timeout=$LOCK_WAIT" -o Dpkg::Use-Pty=0 "$@" </dev/null >>"$log" 2>&1
}

# apt-get waits for dpkg's lock by itself, not for the one on its package lists.
update() {
    waited=0
    told=
    while :; do
        echo "== apt-get update" >>"$log"
        apt update && return 0
        tail -n 4 "$log" | grep -q 'Could not get lock' || return 1
        [ "$waited" -lt "$LOCK_WAIT" ] || return 1
        [ -n "$told" ] || echo "[setup] Another program is installing packages; waiting for it ..."
        told=yes
        sleep 5
        waited=$((waited + 5))
    done
}

echo "[setup] apt-get install $*"
# A source that does not answer need not stop the packages that come from the others.
update || echo "[setup] apt-get update had errors; trying to install all the same"
echo "== apt-get install $*" >>"$log"
if ! apt install -y --no-install-recommends "$@"; then
    echo "[setup] apt-get failed. The end of $log:" >&2
    tail -n 15 "$log" >&2
    echo "[setup] Mend what it names, or run it by hand, then start again:" >&2
    echo "    $command" >&2
    exit 1
fi
