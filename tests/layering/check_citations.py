#!/usr/bin/env python3
"""Holds every section that a source cites to a heading of the document: check_citations.py ROOT looks for `docs/X.md, "Section"`."""

import pathlib
import re
import sys

SUFFIXES = {".cpp", ".hpp", ".py", ".sh", ".cmake", ".def"}
CONTINUED = re.compile(r"\n\s*(?://[/!]?|#)\s*")  # a comment that goes on in the next line
CITATION = re.compile(r'(docs/[a-z-]+\.md|ARCHITECTURE\.md), ((?:"[^"\n]+"(?:, | and )?)+)')
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def check(root):
    headings, offences = {}, []
    for path in sorted(path for folder in ("src", "tests", "scripts", "cmake") for path in (root / folder).rglob("*")):
        if path.suffix not in SUFFIXES or path.name.startswith("check_citations"):
            continue
        for document, sections in CITATION.findall(CONTINUED.sub(" ", path.read_text(encoding="utf-8"))):
            if document not in headings:
                file = root / document
                headings[document] = set(HEADING.findall(file.read_text(encoding="utf-8"))) if file.is_file() else set()
            offences += [f'{path.relative_to(root)}: {document} has no section "{section}"'
                         for section in re.findall(r'"([^"]+)"', sections) if section not in headings[document]]
    return offences


if __name__ == "__main__":
    found = check(pathlib.Path(sys.argv[1]).resolve())
    print(*found, sep="\n")
    sys.exit(1 if found else 0)
