#!/usr/bin/env bash
# tests/fhir/validate.sh FILE...: validates FHIR R4 resources (.json, or .ndjson with one a line) with HAPI, offline.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
# shellcheck source=scripts/oracle_paths.sh
. "$root/scripts/oracle_paths.sh"
exec java -Xmx2g -cp "$VALIDATOR_JARS/*" "$root/tests/fhir/validator/Validate.java" "$@"
