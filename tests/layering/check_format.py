#!/usr/bin/env python3
"""check_format.py ROOT: every C++ source is as clang-format 16 writes it; `--fix` makes it so."""

import pathlib
import shutil
import subprocess
import sys

formatter = shutil.which("clang-format-16")
if formatter is None:
    print("skipped: clang-format-16 is not installed")
    sys.exit(77)
root = pathlib.Path(sys.argv[1])
sources = sorted(str(path) for path in (root / "src").rglob("*.[ch]pp"))
mode = ["-i"] if "--fix" in sys.argv else ["--dry-run", "--Werror"]
sys.exit(subprocess.run([formatter, *mode, *sources], check=False).returncode)
