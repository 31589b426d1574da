#!/usr/bin/env bash
# Makes synthetic patients with Synthea 3.3.0 (Apache-2.0): FHIR R4 bundles, the same bytes for the same arguments.
#
#   scripts/make_patients.sh --out DIR [--count 8] [--seed 7] [--ages 20-75] [--years 4] [--pack]
#
# DIR gets files whose names sort in the order in which they must be loaded: 00-hospitals.json, 01-practitioners.json, then
# patient-0001.json and so on. --years bounds the history that is written (0: all of it; a patient may then have 13 MB).
# --pack writes .json.zst instead. Synthea's jars (200 MB) are fetched once, into ~/.cache/salus.
set -euo pipefail
usage() { sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }

out="" count=8 seed=7 ages=20-75 years=4 pack=no
while [[ $# -gt 0 ]]; do
    case "$1" in
        --pack) pack=yes; shift; continue ;;
        --out | --count | --seed | --ages | --years) [[ $# -ge 2 ]] || usage ;;
        *) usage ;;
    esac
    declare "${1#--}=$2"
    shift 2
done
[[ -n $out ]] || usage
for tool in java mvn zstd python3; do
    command -v "$tool" >/dev/null || { echo "make_patients: $tool is missing; run scripts/install.sh test" >&2; exit 3; }
done

jars="${XDG_CACHE_HOME:-$HOME/.cache}/salus/synthea-3.3.0"
if [[ ! -f "$jars/complete" ]]; then
    echo "make_patients: fetching Synthea 3.3.0 into $jars" >&2
    mkdir -p "$jars"
    cat >"$jars/pom.xml" <<'POM'
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.example</groupId><artifactId>synthea-jars</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.mitre.synthea</groupId><artifactId>synthea</artifactId><version>3.3.0</version></dependency>
  </dependencies>
</project>
POM
    mvn -q -B -f "$jars/pom.xml" dependency:copy-dependencies -DoutputDirectory=lib >&2
    touch "$jars/complete"
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
echo "make_patients: $count patients, seed $seed, ages $ages, $years years of history" >&2
# From an empty directory: Synthea would read a synthea.properties or modules that lie in the current one.
(cd "$work" && java -cp "$jars/lib/*" App -s "$seed" -cs "$seed" -r 20260101 -e 20260101 -p "$count" -a "$ages" \
    --generate.only_alive_patients=true --exporter.years_of_history="$years" \
    --exporter.baseDirectory="$work/out" Massachusetts) >"$work/log" 2>&1 || { tail -30 "$work/log" >&2; exit 1; }

mkdir -p "$out"
rm -f "$out"/0[01]-*.json{,.zst} "$out"/patient-*.json{,.zst}
# Synthea names the two common files after the second in which it ran, and patients after their names.
python3 - "$work/out/fhir" "$out" <<'PYTHON'
import json, pathlib, shutil, sys
source, out = map(pathlib.Path, sys.argv[1:])
patients = []
for path in source.glob("*.json"):
    if path.name.startswith("hospitalInformation"):
        shutil.copy(path, out / "00-hospitals.json")
    elif path.name.startswith("practitionerInformation"):
        shutil.copy(path, out / "01-practitioners.json")
    else:
        patients.append((json.loads(path.read_bytes())["entry"][0]["resource"]["id"], path))
for number, (_, path) in enumerate(sorted(patients), start=1):
    shutil.copy(path, out / f"patient-{number:04}.json")
PYTHON
if [[ $pack == yes ]]; then zstd -q -19 --rm "$out"/*.json; fi
echo "make_patients: $(find "$out" -name 'patient-*' | wc -l) patients, $(du -sh "$out" | cut -f1) in $out" >&2
