#!/usr/bin/env python3
"""Plays `salus demo --once --json` on the shipped patients and holds its object to what the README says of it."""

import json
import subprocess
import sys
import tempfile

from live_node import ROOT, SALUS, report

demo = sorted((ROOT / "data/demo").glob("patient-*.json.zst"))
unpacked = [json.loads(subprocess.run(["zstdcat", path], capture_output=True, check=True).stdout) for path in demo]
resources = sum(len(bundle["entry"]) for bundle in unpacked)

with tempfile.TemporaryDirectory(prefix="salus-demo-") as folder:
    ended = subprocess.run([SALUS, "demo", "--once", "--json", "--dir", f"{folder}/demo"], stdout=subprocess.PIPE, text=True,
                           stdin=subprocess.DEVNULL, check=False)
try:
    result = json.loads(ended.stdout)
except json.JSONDecodeError:
    report("demo", f"ended with {ended.returncode} and printed no object")
    sys.exit(1)

good = report("demo: exit code", "" if ended.returncode == 0 else str(ended.returncode))
good &= report("demo: ok", "" if result["ok"] is True else "is not true")
good &= report("demo: patients", "" if result["patients"] == len(demo) else f"{result['patients']}, shipped are {len(demo)}")
good &= report("demo: resources", "" if result["resources"] == resources else f"{result['resources']}, shipped are {resources}")
good &= report("demo: has ten steps or more", "" if len(result["steps"]) >= 10 else f"{len(result['steps'])}")
for step in result["steps"]:
    good &= report(f"demo: {step['name']}", "" if step["ok"] is True else step["detail"])
sys.exit(0 if good else 1)
