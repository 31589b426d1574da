#!/usr/bin/python3
"""Verifies proofs and exported chains: verify.py FILE... prints each verdict and why; exit code 1 where one is not good."""

import pathlib
import sys

import chain
import evidence
from rules import Refused


def verify(data):
    """The statements about one file's bytes, each (holds, text); the verdict is good when all of them hold."""
    try:
        if data.startswith(chain.MAGIC):
            return [(True, text) for text in chain.verify_chain(data)]
        if data.startswith(evidence.MAGIC):
            return evidence.verify_evidence(data)
        return [(False, "is neither a proof nor an exported chain")]
    except Refused as fault:
        return [(False, str(fault))]


def main():
    if len(sys.argv) < 2:
        print(f"usage: {sys.argv[0]} FILE...", file=sys.stderr)
        return 2
    all_good = True
    for name in sys.argv[1:]:
        statements = verify(pathlib.Path(name).read_bytes())
        good = all(holds for holds, _ in statements)
        all_good &= good
        print(f"{name}: {'good' if good else 'NOT GOOD'}")
        for holds, text in statements:
            print(f"  {'+' if holds else '!'} {text}")
    return 0 if all_good else 1


if __name__ == "__main__":
    sys.exit(main())
