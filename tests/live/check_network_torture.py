#!/usr/bin/env python3
"""Some troubles of a network under load: `salus network torture` finds everything that was acknowledged, on all nodes alike."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from live_node import SALUS, report

TROUBLES = 4
SEED = 20_240_303
SECONDS_MAX = 1200

if not os.access(SALUS.parent / "cometbft", os.X_OK):
    print("skip network_torture: scripts/install_cometbft.sh puts CometBFT beside the program")
    sys.exit(77)
with tempfile.TemporaryDirectory(prefix="salus-torture-test-") as folder:
    ended = subprocess.run([SALUS, "network", "torture", "--troubles", str(TROUBLES), "--seed", str(SEED), "--dir", folder, "--json"],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL, check=False,
                           timeout=SECONDS_MAX)
    left = sorted(path.name for path in pathlib.Path(folder).iterdir())
try:
    result = json.loads(ended.stdout)
except json.JSONDecodeError:
    report("network_torture", f"ended with {ended.returncode} and printed no object: {ended.stderr}")
    sys.exit(1)

missing = result.get("missing") or result.get("message", "")
good = report(f"network_torture: {TROUBLES} troubles, all that was acknowledged stands once on all nodes",
              "" if ended.returncode == 0 else str(missing))
if ended.returncode == 0:
    good &= report("network_torture: each trouble came", "" if result["troubles"] == TROUBLES else str(result["by_kind"]))
    good &= report("network_torture: something was acknowledged", "" if result["acknowledged"] > 0 and result["blocks"] > 0 else "nothing")
    good &= report("network_torture: nothing is left behind", "" if not left else str(left))
sys.exit(0 if good else 1)
