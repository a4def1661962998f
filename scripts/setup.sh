#!/bin/sh
# Finds a Python (or gets one from apt), then hands over to setup_environment.py with the same arguments.
# PYTHON=/path/to/python chooses another one.
set -u
cd "$(dirname "$0")/.." || exit 1

MINIMUM="3.11"
APT_PYTHON="python3 python3-venv python3-dev"
APT_ALL="$APT_PYTHON r-base-core r-base-dev r-cran-survival r-cran-cluster r-cran-nlme r-cran-rstatix"
APT_TESTS="r-cran-reticulate chromium"

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# Debian packs venv's ensurepip apart from Python.
usable() {
    new_enough "$1" && "$1" -c 'import venv, ensurepip' >/dev/null 2>&1
}

# The system's own first: it has the headers that apt installs. A name on the path may be a shim (pyenv) that
# runs nothing, so every candidate is run.
find_python() {
    for candidate in /usr/bin/python3 python3 python3.13 python3.12 python3.11 python; do
        if usable "$candidate"; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

explain() {
    found=$(python3 --version 2>&1) || found="no python3"
    {
        echo "[setup] Python $MINIMUM or later, with its venv module, is needed; found: $found."
        echo "[setup] Add one of these, then start again (PYTHON=/path/to/python chooses one):"
        case "$(uname -s)" in
        Darwin) echo "    brew install python@3.13" ;;
        MINGW* | MSYS* | CYGWIN*) echo "    winget install Python.Python.3.13" ;;
        *)
            if command -v dnf >/dev/null 2>&1; then
                echo "    sudo dnf install -y python3.12 python3.12-devel"
            elif command -v zypper >/dev/null 2>&1; then
                echo "    sudo zypper install -y python312 python312-devel"
            elif command -v pacman >/dev/null 2>&1; then
                echo "    sudo pacman -S --needed python"
            elif command -v apt-get >/dev/null 2>&1; then
                echo "    sudo apt-get install python3.12 python3.12-venv python3.12-dev   (or 3.11, 3.13)"
                echo "    where apt has none of them: Debian 12 or Ubuntu 24.04 and later do"
            fi
            ;;
        esac
        echo "    conda create -n lesionhet -c conda-forge python=3.12 && conda activate lesionhet"
        echo "    pyenv install 3.12 && pyenv shell 3.12"
    } >&2
}

if [ -n "${PYTHON:-}" ]; then
    usable "$PYTHON" || {
        echo "[setup] PYTHON=$PYTHON is not a Python $MINIMUM or later with the venv module." >&2
        exit 1
    }
    python=$PYTHON
elif ! python=$(find_python); then
    # An old python3 cannot be helped by apt; none at all, or one without venv, can.
    if [ ! -x /usr/bin/python3 ] || new_enough /usr/bin/python3; then
        if command -v apt-get >/dev/null 2>&1; then
            mkdir -p .venv
            case " $* " in *" --require-r "*) APT_ALL="$APT_ALL $APT_TESTS" ;; esac
            [ "${R_SETUP:-}" = skip ] && APT_ALL=$APT_PYTHON
            if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null 2>&1; then
                # The person who installs by hand should not have to come twice.
                APT_PYTHON=$APT_ALL
            fi
            # shellcheck disable=SC2086
            sh scripts/apt_install.sh .venv/setup.log $APT_PYTHON || exit 1
        fi
    fi
    python=$(find_python) || {
        explain
        exit 1
    }
fi

exec "$python" scripts/setup_environment.py "$@"
