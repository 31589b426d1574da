#!/usr/bin/env python3
"""Twenty kills of a node under mixed load: `salus torture` finds everything that was acknowledged, once, and nothing in part."""

import json
import pathlib
import subprocess
import sys
import tempfile

from live_node import SALUS, report

CYCLES = 20
SEED = 20_240_229
SECONDS_MAX = 1800
KINDS = ["bundles", "creates", "updates", "grants", "revocations", "reads", "reads_across"]

with tempfile.TemporaryDirectory(prefix="salus-torture-test-") as folder:
    try:
        ended = subprocess.run([SALUS, "torture", "--cycles", str(CYCLES), "--seed", str(SEED), "--dir", folder, "--json"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL, check=False,
                               timeout=SECONDS_MAX)
    except subprocess.TimeoutExpired as late:
        report("torture", f"has not ended after {SECONDS_MAX} s: {(late.stderr or b'').decode(errors='replace')[-2000:]}")
        sys.exit(1)
    left = sorted(path.name for path in pathlib.Path(folder).iterdir())
try:
    result = json.loads(ended.stdout)
except json.JSONDecodeError:
    report("torture", f"ended with {ended.returncode} and printed no object: {ended.stderr}")
    sys.exit(1)

missing = result.get("missing") or result.get("message", "")
good = report(f"torture: {CYCLES} kills, all that was acknowledged is there once", "" if ended.returncode == 0 else str(missing))
if ended.returncode == 0:
    acknowledged = result["acknowledged"]
    good &= report("torture: cycles", "" if result["cycles"] == CYCLES else str(result["cycles"]))
    # A run in which nothing of a kind was acknowledged, or no kill met a write on its way, has shown nothing of it.
    without = [kind for kind in KINDS if acknowledged[kind] == 0]
    good &= report("torture: each kind of access was under way", "" if not without else f"none of {without}")
    good &= report("torture: kills met writes on their way", "" if result["in_doubt"] > 0 else "none")
    good &= report("torture: what was in doubt is kept or dropped",
                   "" if result["kept"] + result["dropped"] == result["in_doubt"] else f"{result['kept']}, {result['dropped']}")
    repaired = [line for cycle in result["detail"] for line in cycle["log"] if "repaired" in line]
    good &= report("torture: a start says what it repaired", "" if repaired else "none did")
    good &= report("torture: nothing is left behind", "" if not left else str(left))
sys.exit(0 if good else 1)
