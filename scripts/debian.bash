# Sourced by the scripts that take programs out of Debian's packages without installing them. The
# mirror is the one in this machine's package sources; apt itself verifies what it downloads, against
# the keyring below. Needs $work, a folder that apt may keep its state in.
# shellcheck shell=bash disable=SC2034,SC2154 # what one file sets, the other uses

suite=trixie
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Prints the base addresses that may hold the suite, best first: what apt is configured with, and
# for an archive of one past day (.../20250520T000000Z) the same place without its date.
mirrors() {
    apt-get update --print-uris 2>/dev/null |
        sed -n "s|^'\(.*\)/dists/[a-z]*/InRelease'.*|\1|p" |
        while read -r base; do
            echo "${base%/}"
            if [[ $base =~ ^(.*)/[0-9]{8}T[0-9]{6}Z/?$ ]]; then
                echo "${BASH_REMATCH[1]}"
                echo "${BASH_REMATCH[1]/\/archive/}"
            fi
        done | awk '!seen[$0]++'
}

# Runs an apt tool on a configuration of our own under $work, apart from the machine's lists,
# cache and status; its proxies and credentials stay in force.
private_apt() {
    local tool=$1
    shift
    "$tool" -q \
        -o Dir::State="$work/state" -o Dir::State::status="$work/status" \
        -o Dir::Cache="$work/cache" -o Dir::Etc::sourcelist="$work/suite.sources" \
        -o Dir::Etc::sourceparts="$work/none" -o Dir::Etc::preferences="$work/none/preferences" \
        -o Dir::Etc::preferencesparts="$work/none" -o APT::Sandbox::User="$(id -un)" \
        -o APT::Install-Recommends=false -o Acquire::Languages=none \
        -o Acquire::Retries=3 -o Acquire::http::Timeout=60 "$@" </dev/null
}

# Points the private configuration at one mirror, and reads its lists of packages.
use_mirror() {
    rm -rf "$work/state" "$work/cache"
    mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$work/none"
    : >"$work/status"
    printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' \
        "$1" "$suite $suite-backports" "$keyring" >"$work/suite.sources"
    private_apt apt-get -y update -o APT::Update::Error-Mode=any
}
