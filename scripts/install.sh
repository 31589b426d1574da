#!/usr/bin/env bash
# Installs what Salus needs on Debian 12, from the distribution and the language registries only.
#   scripts/install.sh build   what ./run needs (default)
#   scripts/install.sh test    that, and what ./test needs
# Runs as root or through sudo; when everything is there already it asks for neither and takes well under a second.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
group="${1:-build}"

build_packages=(
    ca-certificates g++ cmake ninja-build pkg-config ccache mold python3 python3-venv python3-yaml python3-mnemonic universal-ctags
    libssl-dev libsodium-dev libzstd-dev libsqlite3-dev libsoci-dev libgfshare-dev librocksdb-dev
    libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev
    libfmt-dev libspdlog-dev libtomlplusplus-dev libcli11-dev libexpected-dev prometheus-cpp-dev
    libprotobuf-dev libprotoc-dev protobuf-compiler libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev
)
test_packages=(
    clang-16 clang-format-16 clang-tidy-16 libclang-rt-16-dev llvm-16 git zstd curl python3-cryptography procps
)

say() { printf 'install: %s\n' "$*" >&2; }
fail() { say "$*"; exit 3; }
have() { command -v "$1" >/dev/null 2>&1; }

# Debian's Java, Maven and Node serve where no other stands on the machine.
language_packages() {
    have javac || echo openjdk-17-jdk-headless
    have mvn || echo maven
    have node || echo nodejs
    have npm || echo npm
}

missing_packages() {
    local package state
    for package in "$@"; do
        state="$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)"
        [[ $state == installed ]] || echo "$package"
    done
}

install_packages() {
    local missing=() as_root=()
    mapfile -t missing < <(missing_packages "$@")
    [[ ${#missing[@]} -gt 0 ]] || return 0
    have apt-get || fail "this is not Debian; install the equivalents of: ${missing[*]}"
    # shellcheck source=/dev/null
    (. /etc/os-release && [[ ${ID:-} == debian && ${VERSION_ID:-} == 12 ]]) ||
        say "written for Debian 12; this is another system, package names may differ"
    if [[ $(id -u) -ne 0 ]]; then
        have sudo || fail "as root, run: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    say "${#missing[@]} packages from Debian: ${missing[*]}"
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0
               -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
    # A third-party source that does not answer must not stop us: what counts is whether the packages can be had.
    "${apt[@]}" update >&2 || say "apt-get update had errors; trying with the lists at hand"
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >&2 ||
        fail "apt-get could not install the packages above; its message says why"
}

case "$group" in
    build)
        install_packages "${build_packages[@]}"
        "$root/scripts/install_cometbft.sh"
        ;;
    test)
        mapfile -t languages < <(language_packages)
        install_packages "${build_packages[@]}" "${test_packages[@]}" "${languages[@]}"
        "$root/scripts/install_cometbft.sh"
        if [[ -x "$root/scripts/install_oracles.sh" ]]; then "$root/scripts/install_oracles.sh"; fi
        ;;
    *)
        say "usage: scripts/install.sh [build|test]"
        exit 2
        ;;
esac
