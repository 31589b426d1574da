#!/usr/bin/env python3
"""Holds docs/protocol.md to the tags in the code: check_tags.py ROOT.

Each tag stands in a table of the chapter "Hashes and signatures" once, and in src/ in one place: a tag of its own for each thing.
"""

import collections
import pathlib
import re
import sys

CODE_TAG = re.compile(r'"(salus[.-][a-z.-]*[a-z][.-]v\d+)')
TABLE_TAG = re.compile(r'^\| `"?(salus[.-][a-z.-]*[a-z][.-]v\d+)', re.MULTILINE)
COMMENT = re.compile(r"//.*$", re.MULTILINE)


def in_code(source):
    """{tag: [files]} of what is compiled into the program; tests and their kits have tags that nobody meets."""
    places = collections.defaultdict(list)
    for path in sorted(source.rglob("*.[ch]pp")):
        name = path.relative_to(source)
        if path.stem.endswith("_test") or {"testkit", "testing"} & set(name.parts):
            continue
        for tag in CODE_TAG.findall(COMMENT.sub("", path.read_text(encoding="utf-8"))):
            places[tag].append(str(name))
    return places


def check(root):
    chapter = (root / "docs/protocol.md").read_text(encoding="utf-8").split("\n## Hashes and signatures\n")[1].split("\n## ")[0]
    told = collections.Counter(TABLE_TAG.findall(chapter))
    used = in_code(root / "src")
    offences = [f"{tag}: used in {', '.join(files)}; one tag, one place" for tag, files in used.items() if len(files) > 1]
    offences += [f"{tag}: told {count} times" for tag, count in told.items() if count > 1]
    offences += [f"{tag}: used in {files[0]}, not told in docs/protocol.md" for tag, files in used.items() if tag not in told]
    offences += [f"{tag}: told in docs/protocol.md, not used in src" for tag in told if tag not in used]
    return sorted(offences)


if __name__ == "__main__":
    found = check(pathlib.Path(sys.argv[1]).resolve())
    print("\n".join(found))
    sys.exit(1 if found else 0)
