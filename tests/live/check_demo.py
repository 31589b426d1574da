#!/usr/bin/env python3
"""Plays `salus demo --once --json` on the shipped patients, on one node and on a network of four, and holds its object to what the README
says of it."""

import json
import os
import subprocess
import sys
import tempfile

from live_node import ROOT, SALUS, report

demo = sorted((ROOT / "data/demo").glob("patient-*.json.zst"))
unpacked = [json.loads(subprocess.run(["zstdcat", path], capture_output=True, check=True).stdout) for path in demo]
resources = sum(len(bundle["entry"]) for bundle in unpacked)


def play(name, *options):
    """Whether the demo with these options holds to it."""
    with tempfile.TemporaryDirectory(prefix="salus-demo-") as folder:
        ended = subprocess.run([SALUS, "demo", "--once", "--json", "--dir", f"{folder}/demo", *options], stdout=subprocess.PIPE, text=True,
                               stdin=subprocess.DEVNULL, check=False)
    try:
        result = json.loads(ended.stdout)
    except json.JSONDecodeError:
        return report(name, f"ended with {ended.returncode} and printed no object")
    good = report(f"{name}: exit code", "" if ended.returncode == 0 else str(ended.returncode))
    good &= report(f"{name}: ok", "" if result["ok"] is True else "is not true")
    good &= report(f"{name}: patients", "" if result["patients"] == len(demo) else f"{result['patients']}, shipped are {len(demo)}")
    good &= report(f"{name}: resources", "" if result["resources"] == resources else f"{result['resources']}, shipped are {resources}")
    good &= report(f"{name}: has ten steps or more", "" if len(result["steps"]) >= 10 else f"{len(result['steps'])}")
    for step in result["steps"]:
        good &= report(f"{name}: {step['name']}", "" if step["ok"] is True else step["detail"])
    return good


held = play("demo")
if os.access(SALUS.parent / "cometbft", os.X_OK):
    held &= play("demo of a network", "--network")
sys.exit(0 if held else 1)
