#!/usr/bin/env python3
"""schemathesis holds a live node to docs/openapi.yaml: check_openapi.py [EXAMPLES_PER_OPERATION]."""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

from live_node import LiveNode, ROOT, oracle, report

packages = oracle("PYTHON_PACKAGES")
with LiveNode() as node, tempfile.TemporaryDirectory() as folder:
    node.run("record", "import", *node.organisation("hospital-a"), ROOT / "data/demo/00-hospitals.json.zst")
    junit = f"{folder}/junit.xml"
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", ROOT / "docs/openapi.yaml", "--url", node.url,
        "--header", f"Authorization: Bearer {node.token('hospital-a')}",
        "--max-examples", sys.argv[1] if len(sys.argv) > 1 else "15", "--seed", "1", "--request-timeout", "20",
        "--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--suppress-health-check", "all",
        # An answer without end; its own tests read it.
        "--exclude-path", "/v1/events",
        "--report", "junit", "--report-junit-path", junit, "--generation-database", "none",
    ]
    ended = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(packages / "packages"), "NO_COLOR": "1"}, cwd=folder,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    good = ended.returncode == 0
    if not good:
        print(ended.stdout[-20000:])
    operations = list(ElementTree.parse(junit).getroot().iter("testcase")) if os.path.exists(junit) else []
    good &= report("openapi: the document has operations", "" if operations else "none was tried")
    for case in operations:
        fault = next(iter(case.findall("failure") + case.findall("error")), None)
        good &= report(f"openapi: {case.get('name')}", "" if fault is None else "see above")
    good &= report("openapi: the node is well after it", "" if node.healthy() else node.log_text())
sys.exit(0 if good else 1)
