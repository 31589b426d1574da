#!/usr/bin/env bash
# Fetches the programs of others that tests hold Salus against, into ~/.cache/salus; what is there already is left alone.
# The folders carry the hash of what was asked for, so that a changed version is fetched anew.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# shellcheck source=scripts/oracle_paths.sh
. "$root/scripts/oracle_paths.sh"

# Fills "$1.part" through the command that follows, and only then gives it its name: an interrupted fetch is no fetch.
fetch_into() {
    local folder="$1"
    shift
    [[ -d $folder ]] && return 0
    echo "install: $(basename "$folder")" >&2
    rm -rf "$folder.part"
    mkdir -p "$folder.part"
    "$@" "$folder.part" >&2
    mv "$folder.part" "$folder"
}

validator_jars() {
    mvn -q -B -f "$root/tests/fhir/validator/pom.xml" dependency:copy-dependencies -DoutputDirectory="$1"
}

python_packages() {
    # A virtual environment cannot be moved; --target can.
    python3 -m venv --upgrade-deps "$1/pip" >/dev/null 2>&1 || python3 -m venv "$1/pip"
    "$1/pip/bin/python" -m pip install -q --disable-pip-version-check --target "$1/packages" -r "$root/tests/requirements.txt"
    rm -rf "$1/pip"
}

node_packages() {
    cp "$root/tests/fhir/client/package.json" "$root/tests/fhir/client/package-lock.json" "$1/"
    npm ci --prefix "$1" --no-audit --no-fund --ignore-scripts --loglevel=error
}

fetch_into "$VALIDATOR_JARS" validator_jars
fetch_into "$PYTHON_PACKAGES" python_packages
fetch_into "$NODE_PACKAGES" node_packages
# Node looks for packages beside the importing file and above it, nowhere else.
ln -sfn "$NODE_PACKAGES/node_modules" "$root/tests/fhir/client/node_modules"
