#!/usr/bin/env bash
# scripts/build.sh PRESET [TARGET...]: configures build/PRESET and builds the targets (all, if none is named).
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
preset="${1:?usage: scripts/build.sh PRESET [TARGET...]}"
shift

log="$root/build/$preset/configure.log"
mkdir -p "$(dirname "$log")"
# A finished cache is reused: ninja runs CMake again by itself when a CMakeLists changes.
if [[ ! -f "$root/build/$preset/build.ninja" ]]; then
    echo "configuring build/$preset" >&2
    if ! (cd "$root" && cmake --preset "$preset") >"$log" 2>&1; then
        cat "$log" >&2
        exit 3
    fi
fi
targets=()
if [[ $# -gt 0 ]]; then targets=(--target "$@"); fi
# Two jobs at least; memory, not cores, bounds the rest: a Beast or SOCI unit takes about 1.5 GB.
memory_gb="$(awk '/MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)"
jobs="$(nproc)"
bound=$((memory_gb * 2 / 3))
if [[ $jobs -gt $bound ]]; then jobs=$((bound > 1 ? bound : 1)); fi
exec cmake --build "$root/build/$preset" -j "$jobs" "${targets[@]}"
