#!/usr/bin/env bash
# Makes .venv match Pipfile.lock. Quick when it already does. Needs Python with its venv module, and a package index.
# Everything it makes is inside the checkout: .venv (the project's packages) and .dev/pipenv (pipenv itself).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

oldest="3.11"
newest="3.14"
pipenv_requirement="pipenv>=2026,<2027"
categories=${CATEGORIES:-packages embedded web dev-packages audit}  # a server needs "packages web" alone
stamp=".venv/.synced"

fail() {
    printf '\n%s\n' "$1" >&2
    shift
    for line in "$@"; do printf '  -> %s\n' "$line" >&2; done
    exit 1
}

# Prints "3.11" for a Python that works and is one of ours.
supported() {
    "$1" - "$oldest" "$newest" 2>/dev/null <<'PYTHON'
import sys
low, high = (tuple(int(part) for part in word.split(".")) for word in sys.argv[1:])
sys.exit(0 if low <= sys.version_info[:2] <= high else 1)
PYTHON
}

choose_python() {
    if [ -n "${PYTHON:-}" ]; then
        supported "$PYTHON" || fail "PYTHON=$PYTHON is not a Python from $oldest to $newest." "Name another one, or leave PYTHON out."
        printf '%s' "$PYTHON"
        return
    fi
    local candidate
    for candidate in python3.11 python3 python3.12 python3.13 python3.14; do
        if command -v "$candidate" >/dev/null 2>&1 && supported "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    if command -v python3 >/dev/null 2>&1; then
        fail "This shop needs Python $oldest to $newest, and python3 here is $(python3 -V 2>&1)." \
            "Install one (Debian 12: apt install python3 python3-venv) or name it: make run PYTHON=/path/to/python3.11"
    fi
    fail "No python3 was found." "Debian and Ubuntu: apt install python3 python3-venv"
}

fingerprint() {
    "$1" - "$root" "$categories" <<'PYTHON'
import hashlib, pathlib, platform, sys
lock = pathlib.Path("Pipfile.lock").read_bytes()
print(platform.python_version(), hashlib.sha256(lock).hexdigest(), *sys.argv[1:])
PYTHON
}

# Says every few seconds how many packages are there, because a first sync takes minutes and prints little.
show_progress() {
    local total before=-1 now
    total=$(grep -c '"version": "==' Pipfile.lock || true)
    while sleep 4; do
        now=$(find .venv/lib -maxdepth 4 -name '*.dist-info' 2>/dev/null | wc -l | tr -d ' ')
        if [ "$now" != "$before" ]; then printf '  %s packages installed (the lock names %s)\n' "$now" "$total"; fi
        before=$now
    done
}

if [ -x .venv/bin/python ] && supported .venv/bin/python; then
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint .venv/bin/python)" ]; then exit 0; fi
    # A checkout that was moved carries a .venv whose scripts point at the old place.
    if [ -f "$stamp" ] && ! grep -qF " $root " "$stamp"; then rm -rf .venv .dev/pipenv; fi
fi

if [ -d .venv ] && [ ! -w .venv ]; then
    fail "$root/.venv belongs to another user." "Use the user who made it, or give the checkout to this one (chown -R)."
fi
[ -w . ] || fail "$root is not writable for this user." "Use the user who owns the checkout, or give it to this one (chown -R)."

# One bootstrap at a time in one checkout.
if command -v flock >/dev/null 2>&1; then
    exec 9>.dev/.lock
    flock 9
    if [ -x .venv/bin/python ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint .venv/bin/python)" ]; then exit 0; fi
fi

python=$(choose_python)
if [ -d .venv ] && { [ ! -x .venv/bin/python ] || ! supported .venv/bin/python; }; then
    echo "The .venv here does not work any more; making a new one."
    rm -rf .venv
fi

"$python" -c 'import ensurepip, venv' 2>/dev/null || fail \
    "$("$python" -V 2>&1) has no venv module." "Debian and Ubuntu: apt install python3-venv (then run the same command again)"

if [ ! -x .dev/pipenv/bin/python ] || ! .dev/pipenv/bin/python -m pipenv --version >/dev/null 2>&1; then
    echo "Installing pipenv for this checkout (.dev/pipenv)"
    rm -rf .dev/pipenv
    "$python" -m venv .dev/pipenv
    .dev/pipenv/bin/python -m pip install -qq --disable-pip-version-check "$pipenv_requirement" 9>&- \
        || fail "pipenv could not be installed." "Is there a network, and a package index that pip can reach? (pip config list)"
fi

echo "Installing the packages of Pipfile.lock into .venv with $("$python" -V 2>&1) (a few minutes the first time)"
show_progress 9>&- &
progress=$!
trap 'kill "$progress" 2>/dev/null || true' EXIT
log=.dev/sync.log
if ! env -u VIRTUAL_ENV -u PIPENV_PIPFILE -u PIPENV_ACTIVE \
    PIPENV_VENV_IN_PROJECT=1 PIPENV_NOSPIN=1 PIPENV_YES=1 PIPENV_IGNORE_VIRTUALENVS=1 PIPENV_VERBOSITY=-1 \
    .dev/pipenv/bin/python -m pipenv --python "$python" sync --categories "$categories" >"$log" 2>&1 9>&- </dev/null; then
    tail -n 25 "$log" >&2
    fail "The packages could not be installed (the whole story: $log)." \
        "Is there a network, and a package index that pip can reach? Then run the same command again; it goes on where it stopped."
fi
fingerprint .venv/bin/python >"$stamp"
echo "Packages are in place."
