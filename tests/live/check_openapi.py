#!/usr/bin/env python3
"""schemathesis holds a live node to docs/openapi.yaml: check_openapi.py [EXAMPLES_PER_OPERATION].

The node must serve this very document. What it is asked with is narrowed to what one token opens, and to ids that stand.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.request
import xml.etree.ElementTree as ElementTree

from live_node import LiveNode, ROOT, oracle, report

EXAMPLES = sys.argv[1] if len(sys.argv) > 1 else "3"
PATIENT = {"resourceType": "Patient", "identifier": [{"system": "urn:salus:test", "value": "1"}], "name": [{"family": "Test"}]}
# No schema says which resources have an owner, which bytes are signed, or which grant stands.
UNFIT = "positive_data_acceptance"
# 413 beside its own: an array longer than the schema permits is refused as too large.
CONFIGURATION = """[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "5XX"]
"""


def call(url, token=None, body=None):
    headers = {"content-type": "application/fhir+json", **({"authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(url, headers=headers, data=None if body is None else json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read()


def narrowed(document, patient):
    """The document with one organisation, whose token we have, and a patient of hers in the place of any id."""
    parameters = document["components"]["parameters"]
    assert "hospital-a" in parameters["Organisation"]["schema"]["enum"]
    parameters["Organisation"]["schema"] = {"type": "string", "enum": ["hospital-a"]}
    for name in ("LogicalId", "PatientId"):
        parameters[name]["schema"] = {"type": "string", "enum": [patient, "nobody"]}
    parameters["Type"]["schema"] = {"type": "string", "enum": ["Patient", "Observation", "AuditEvent", "Consent", "Zebra"]}
    return document


packages = oracle("PYTHON_PACKAGES")
with LiveNode() as node, tempfile.TemporaryDirectory() as folder:
    token = node.token("hospital-a")
    served = call(f"{node.url}/openapi.yaml").decode()
    good = report("openapi: the node serves docs/openapi.yaml",
                  "" if served == (ROOT / "docs/openapi.yaml").read_text() else "it was built from another")
    patient = json.loads(call(f"{node.fhir('hospital-a')}/Patient", token, PATIENT))["id"]
    document = pathlib.Path(folder) / "openapi.json"
    document.write_text(json.dumps(narrowed(json.loads(call(f"{node.url}/openapi.json")), patient)))
    (pathlib.Path(folder) / "schemathesis.toml").write_text(CONFIGURATION)
    junit = f"{folder}/junit.xml"
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", document, "--url", node.url,
        "--header", f"Authorization: Bearer {token}", "--max-examples", EXAMPLES, "--seed", "1", "--request-timeout", "20",
        "--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--suppress-health-check", "all",
        "--exclude-checks", UNFIT,
        # One worker: Python 3.11 counts the depth of ast.parse over all threads, and now and then two of them break it.
        "--workers", "1",
        # An answer without end; its own tests read it.
        "--exclude-path", "/v1/events",
        "--report", "junit", "--report-junit-path", junit, "--generation-database", "none",
    ]
    environment = {**os.environ, "NO_COLOR": "1", "SCHEMATHESIS_HOOKS": "openapi_hooks",
                   "PYTHONPATH": os.pathsep.join([str(packages / "packages"), str(ROOT / "tests/live")])}
    ended = subprocess.run(command, env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                           check=False)
    if ended.returncode != 0:
        good = False
        print(ended.stdout[-100000:])
    operations = list(ElementTree.parse(junit).getroot().iter("testcase")) if os.path.exists(junit) else []
    good &= report("openapi: the document has operations", "" if operations else "none was tried")
    for case in operations:
        fault = next(iter(case.findall("failure") + case.findall("error")), None)
        good &= report(f"openapi: {case.get('name')}", "" if fault is None else "see above")
    good &= report("openapi: the node is well after it", "" if node.healthy() else node.log_text())
sys.exit(0 if good else 1)
