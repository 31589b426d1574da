#!/usr/bin/env python3
"""Each row of the error table makes a valid OperationOutcome, and the validator refuses one that is not (HAPI 8.8.1, offline)."""

import json
import re
import subprocess
import sys
import tempfile

from live_node import ROOT, oracle, report

oracle("VALIDATOR_JARS")
rows = re.findall(r'^SALUS_ERROR\(\w+, \d+, "([^"]+)", \d+, "([^"]+)"', (ROOT / "src/base/errors.def").read_text(), re.MULTILINE)


def validate(issue_types):
    with tempfile.NamedTemporaryFile("w", suffix=".ndjson") as file:
        for name, code in issue_types:
            file.write(json.dumps({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code,
                                                                                  "details": {"text": name}}]}) + "\n")
        file.flush()
        return subprocess.run([ROOT / "tests/fhir/validate.sh", file.name], capture_output=True, text=True, check=False)


ended = validate(rows)
good = report(f"error outcomes: {len(rows)} rows are valid", ended.stdout if ended.returncode != 0 or not rows else "")
good &= report("error outcomes: an unknown issue type is refused",
               "" if "1 resources, 1 invalid" in validate([("made up", "nonsense")]).stdout else "it is accepted")
sys.exit(0 if good else 1)
