#!/usr/bin/env python3
"""The node under as many transactions as it takes: none is lost, none refused, and it still stops when it is asked to.

How fast it was is said, and is no matter of a test.
"""

import json
import subprocess
import sys
import tempfile

from live_node import SALUS, report

with tempfile.TemporaryDirectory(prefix="salus-load-") as folder:
    ended = subprocess.run([SALUS, "bench", "ledger", "--seconds", "3", "--custodians", "8", "--dir", folder, "--json"],
                           capture_output=True, text=True, timeout=300, check=False)
good = report("load: exit code", "" if ended.returncode == 0 else f"{ended.returncode}: {ended.stdout}{ended.stderr}"[-2000:])
try:
    said = json.loads(ended.stdout)
except json.JSONDecodeError:
    report("load: says what it found", "no object")
    sys.exit(1)
good &= report("load: transactions were committed", "" if said.get("transactions", 0) > 0 else str(said))
good &= report("load: all that were sent were committed", "" if said.get("refused") == 0 else f"{said.get('refused')} were not")
good &= report("load: ok", "" if said.get("ok") is True else str(said))
if good:
    print(f"     {said['transactions']} transactions, {said['commits_per_second']:.0f} a second")
sys.exit(0 if good else 1)
