# Sourced by the scripts that provide a Python with packages of PyPI, in a virtual environment of its
# own under .cache. Without it the exit status is 1 and one line on standard error says why; the
# tests that use it are then skipped by name.
# shellcheck shell=bash

# provide NAME MODULES PACKAGE...: prints the path of a Python that has the packages, which it puts
# under .cache/NAME where they are not there yet, and in which the modules can be imported.
provide() {
    local name=$1 modules=$2 home python refusal site pip
    shift 2
    home=${SALAMA_CACHE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.cache}/$name
    python=$home/venv/bin/python
    refusal=$home/refusal
    if [ -x "$python" ]; then
        echo "$python"
        return
    fi

    # Fails, and lets later calls fail the same way at once: a machine without a network should not
    # wait for it at every run of the tests.
    fail() {
        printf '%s: %s\n' "$name" "$*" >&2
        echo "$*" >"$refusal"
        exit 1
    }

    mkdir -p "$home"
    if [ -n "$(find "$refusal" -mmin -10 2>/dev/null)" ]; then
        printf '%s: %s\n' "$name" "$(cat "$refusal")" >&2
        exit 1
    fi

    # An environment keeps the path that it was made at, so that it cannot be made elsewhere and
    # moved: what was left half made is made anew.
    rm -rf "$home/venv.part" "$home/log"
    python3 -m venv --without-pip "$home/venv.part" >/dev/null 2>&1 || fail "python3 -m venv fails"
    site=$("$home/venv.part/bin/python" -c 'import site; print(site.getsitepackages()[0])')
    pip=(python3 -m pip)
    if ! "${pip[@]}" --version >/dev/null 2>&1; then
        python3 -m venv "$home/pip" >/dev/null 2>&1 || fail "no pip here, and python3 -m venv fails"
        pip=("$home/pip/bin/python" -m pip)
    fi
    "${pip[@]}" install --quiet --no-input --retries 3 --only-binary=:all: --target "$site" "$@" \
        >"$home/log" 2>&1 </dev/null ||
        fail "could not be installed: $(grep -i error "$home/log" | tail -n 1)"
    "$home/venv.part/bin/python" -c "import $modules" >"$home/log" 2>&1 ||
        fail "does not work: $(tail -n 1 "$home/log")"
    mv "$home/venv.part" "$home/venv"
    rm -f "$refusal"
    echo "$python"
}
