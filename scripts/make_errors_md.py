#!/usr/bin/env python3
"""Writes docs/errors.md from src/base/errors.def; with --check it only says whether the committed one is up to date."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "src/base/errors.def"
DOCUMENT = ROOT / "docs/errors.md"
# SALUS_ERROR(symbol, number, name, HTTP status, FHIR issue type, meaning)
ROW = re.compile(r'^SALUS_ERROR\(\s*(\w+),\s*(\d+),\s*"([^"]*)",\s*(\d+),\s*"([^"]*)",\s*"((?:[^"\\]|\\.)*)"\s*\)$', re.MULTILINE)
RANGES = [
    (1, 99, "The program, its disk and its API"), (100, 199, "Malformed transactions and formats"),
    (200, 299, "Inadmissible transactions"), (300, 399, "Proofs and verification"), (400, 499, "Records and FHIR"),
    (500, 599, "Consent, reading, sessions"), (600, 999, "Others"),
]
# http://hl7.org/fhir/R4/valueset-issue-type.html: a binding of strength "required".
ISSUE_TYPES = set("""invalid structure required value invariant security login unknown expired forbidden suppressed processing
    not-supported duplicate multiple-matches not-found deleted too-long code-invalid extension too-costly business-rule conflict
    transient lock-error no-store exception timeout incomplete throttled informational""".split())
HEAD = """# Errors

<!-- Made from src/base/errors.def by scripts/make_errors_md.py: change that table, then run it. -->

Every error that Salus shows has a number and a name from one table. Neither is ever used again for something else.
Over HTTP an error is an `OperationOutcome` under `/orgs/{org}/fhir/R4` (its issue type is the FHIR column), and an RFC 9457
problem document elsewhere.
A contract's refusal has 1000 times the contract's number added, and stands in the receipt of its transaction.
No error carries patient data.
"""


def contract_names():
    """{number: name} from the frozen table of contracts."""
    rows = re.findall(r"^    k(\w+) = (\d+),", (ROOT / "src/model/contract.hpp").read_text(), re.MULTILINE)
    return {int(number): name.lower() for name, number in rows}


def section(number):
    for low, high, title in RANGES:
        if low <= number <= high:
            return title
    return f"Refusals of contract {number // 1000}, {contract_names()[number // 1000]}"


def faults(rows):
    """Returns what is wrong with the table itself."""
    numbers, found = [int(row[1]) for row in rows], []
    if numbers != sorted(numbers):
        found.append("the rows are not in the order of their numbers")
    for column, what in ((0, "symbol"), (1, "number"), (2, "name")):
        values = [row[column] for row in rows]
        found += [f"{what} {value} stands twice" for value in sorted({value for value in values if values.count(value) > 1})]
    for _, number, name, status, issue, _ in rows:
        if issue not in ISSUE_TYPES:
            found.append(f"{number} {name}: FHIR R4 knows no issue type {issue}")
        if not 400 <= int(status) <= 599:
            found.append(f"{number} {name}: {status} is not an HTTP error")
        if 1000 <= int(number) and int(number) // 1000 not in contract_names():
            found.append(f"{number} {name}: no contract has that number")
    return found


def document(rows):
    sections = {}
    for _, number, name, status, issue, meaning in rows:
        text = meaning.replace('\\"', '"').replace("|", "\\|")
        sections.setdefault(section(int(number)), []).append(f"| {number} | `{name}` | {status} | {issue} | {text} |")
    head = "| number | name | HTTP | FHIR | meaning, and what to do |\n|---|---|---|---|---|\n"
    return HEAD + "".join(f"\n## {title}\n\n{head}" + "\n".join(lines) + "\n" for title, lines in sections.items())


def main():
    text = TABLE.read_text()
    rows = ROW.findall(text)
    found = faults(rows)
    if len(rows) != len(re.findall(r"^SALUS_ERROR\(", text, re.MULTILINE)):
        found.append("a row is not SALUS_ERROR(symbol, number, name, HTTP status, FHIR issue type, meaning) on one line")
    if not found and "--check" not in sys.argv:
        DOCUMENT.write_text(document(rows))
    elif not found and (not DOCUMENT.exists() or DOCUMENT.read_text() != document(rows)):
        found.append("docs/errors.md is not what scripts/make_errors_md.py makes; run it")
    print(*(f"src/base/errors.def: {fault}" for fault in found), sep="\n", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
