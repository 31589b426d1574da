#!/usr/bin/env python3
"""Refuses files that are not fit to publish: check_files.py ROOT looks at everything that git would commit."""

import pathlib
import re
import subprocess
import sys

SOURCES = {".cpp", ".hpp", ".py", ".sh", ".cmake", ".java", ".mjs"}
SOURCE_LINES_MAX = 600
README_LINES_MAX = 60
# Paths of somebody's machine: whoever clones the tree has none of them.
MACHINE_PATH = re.compile(r"""(?:^|[\s"'`=(:,])((?:/work|/root|/home|/Users)/[\w.-]+)""", re.MULTILINE)


def check(root):
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root,
                            capture_output=True, check=True).stdout.decode()
    offences = []
    names = [name for name in listed.split("\0") if name and (root / name).is_file()]
    for name in names:
        path = root / name
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # packed data
        lines = text.count("\n")
        if path.suffix in SOURCES and lines > SOURCE_LINES_MAX:
            offences.append(f"{name}: {lines} lines, at most {SOURCE_LINES_MAX}")
        if path.name == "README.md" and path.parent != root and lines > README_LINES_MAX:
            offences.append(f"{name}: {lines} lines, at most {README_LINES_MAX}")
        for match in MACHINE_PATH.finditer(text):
            offences.append(f"{name}:{text.count(chr(10), 0, match.start(1)) + 1}: names a path of one machine: {match.group(1)}")
    folders = {name.split("/")[1] for name in names if name.startswith("src/") and name.count("/") > 1}
    offences += [f"src/{folder}: has no README.md" for folder in sorted(folders) if f"src/{folder}/README.md" not in names]
    return offences


if __name__ == "__main__":
    found = check(pathlib.Path(sys.argv[1]).resolve())
    print(*found, sep="\n")
    sys.exit(1 if found else 0)
