# Where scripts/install_oracles.sh puts the programs of others, and the tests find them. Sourced; wants $root.
# shellcheck shell=bash disable=SC2034,SC2154
cache="${XDG_CACHE_HOME:-$HOME/.cache}/salus"
asked_for() { sha256sum | cut -c1-12; }
VALIDATOR_JARS="$cache/fhir-validator-$(asked_for <"$root/tests/fhir/validator/pom.xml")"
PYTHON_PACKAGES="$cache/python-packages-$({ python3 -V; cat "$root/tests/requirements.txt"; } | asked_for)"
NODE_PACKAGES="$cache/node-packages-$(asked_for <"$root/tests/fhir/client/package-lock.json")"
