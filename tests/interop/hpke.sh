#!/usr/bin/env bash
# tests/interop/hpke.sh HPKE_TOOL: our HPKE against Go's crypto/hpke (Go 1.26). Exit 77 where there is no such Go.
set -euo pipefail
folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
export GOTOOLCHAIN=local GOFLAGS=-mod=mod GOWORK=off

if ! command -v go >/dev/null || ! go list crypto/hpke >/dev/null 2>&1; then
    echo "skipped: no Go with crypto/hpke on this machine"
    exit 77
fi
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
go build -o "$work/hpke_peer" "$folder/hpke_peer.go"
timeout 120 "$work/hpke_peer" "$1"
