#!/usr/bin/env python3
"""A live FHIR base used by fhir-kit-client, after an import of the demo's patients; HAPI validates every answer it gave."""

import os
import subprocess
import sys
import tempfile

from live_node import LiveNode, ROOT, oracle, report

oracle("NODE_PACKAGES"), oracle("VALIDATOR_JARS")
with LiveNode() as node, tempfile.TemporaryDirectory() as folder:
    node.run("record", "import", *node.organisation("hospital-a"),
             ROOT / "data/demo/00-hospitals.json.zst", ROOT / "data/demo/01-practitioners.json.zst",
             ROOT / "data/demo/patient-0006.json.zst")
    answers = f"{folder}/answers.ndjson"
    environment = {**os.environ, "SALUS_FHIR": node.fhir("hospital-a"), "SALUS_TOKEN": node.token("hospital-a"),
                   "SALUS_OTHER_FHIR": node.fhir("hospital-b"), "SALUS_ANSWERS": answers}
    good = subprocess.run(["node", ROOT / "tests/fhir/client/check.mjs"], env=environment, check=False).returncode == 0
    ended = subprocess.run([ROOT / "tests/fhir/validate.sh", answers], capture_output=True, text=True, check=False)
    print(ended.stdout)
    good &= report("fhir: every answer is valid R4", "" if ended.returncode == 0 else "see above")
sys.exit(0 if good else 1)
