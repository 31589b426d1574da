#!/usr/bin/env python3
"""Runs each benchmark for a moment: check_bench.py SALUS. Every figure is there and is a number above zero, nothing was
refused, nothing is left behind. How large the figures are is no matter of a test."""

import json
import pathlib
import subprocess
import sys
import tempfile

RUNS = {
    "ledger": (["--seconds", "1", "--custodians", "4"],
               ["commits_per_second", "raw_verify_per_second_per_core", "cores", "ratio", "p50_ms", "p99_ms", "fsync_ms", "rss_mib",
                "disk_bytes_per_tx", "signed_bytes_per_tx", "disk_peak_bytes_per_tx", "node_cpu_us_per_tx"]),
    "state": (["--keys", "5000", "--seconds", "1", "--custodians", "4"], ["ratio", "cpu_ratio"]),
    "import": (["--resources", "100", "--entries", "20", "--jobs", "2"],
               ["resources_per_second", "resources_per_second_per_core", "source_bytes_per_resource", "disk_bytes_per_resource",
                "bundle_p50_ms", "bundle_p99_ms"]),
    "read": (["--seconds", "1", "--resources", "20", "--connections", "2"],
             ["reads_per_second", "reads_per_second_per_core", "p50_ms", "p99_ms"]),
    "across": (["--seconds", "1", "--patients", "2", "--resources", "3", "--connections", "2"],
               ["rows_per_second", "resources_per_second", "p50_ms", "p99_ms", "node_cpu_us_per_read"]),
    "verify": (["--transactions", "400", "--custodians", "2"],
               ["transactions_per_second", "raw_verify_per_second_per_core", "ratio", "export_bytes_per_tx"]),
    "start": (["--transactions", "400", "--custodians", "2"],
              ["start_seconds", "start_after_kill_seconds", "rss_mib", "disk_bytes_per_tx"]),
}


def check(salus, name, arguments, figures, folder):
    command = [salus, "bench", name, *arguments, "--dir", folder, "--json"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if run.returncode != 0:
        return [f"{' '.join(command)} ended with {run.returncode}: {run.stdout}{run.stderr}"]
    said = json.loads(run.stdout)
    faults = [f"bench {name}: no figure {figure} above zero in {said}" for figure in figures if not said.get(figure, 0) > 0]
    if said.get("ok") is not True:
        faults.append(f"bench {name}: not ok: {said}")
    if left := sorted(path.name for path in pathlib.Path(folder).iterdir()):
        faults.append(f"bench {name} left {left}")
    return faults


def main():
    faults = []
    for name, (arguments, figures) in RUNS.items():
        with tempfile.TemporaryDirectory(prefix="salus-bench-test-") as folder:
            faults += check(sys.argv[1], name, arguments, figures, folder)
    print("\n".join(faults) or f"{len(RUNS)} benchmarks ran")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
