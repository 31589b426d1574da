#!/usr/bin/python3
"""Holds `salus verify` to the verifier of this folder, on what a demo leaves and on 10,000 files made of that or forged.

Environment: SALUS_BINARY (build/release/salus), SALUS_AGREEMENT_INPUTS (10000), SALUS_AGREEMENT_SEED (1), SALUS_AGREEMENT_DEMO
(the folder of a demo that was played before).
"""

import collections
import concurrent.futures
import functools
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SALUS = pathlib.Path(os.environ.get("SALUS_BINARY", ROOT / "build/release/salus"))
INPUTS = int(os.environ.get("SALUS_AGREEMENT_INPUTS", "10000"))
SEED = int(os.environ.get("SALUS_AGREEMENT_SEED", "1"))
BATCH = 250
SHOWN = 10
# Of the inputs; the others are the demo's files, spoilt.
FORGED_EVIDENCE, FORGED_CHAINS = 0.3, 0.15
# What `salus verify` says of an export that only who executes it can refuse; the verifier here does not.
BY_EXECUTION = re.compile(r"is not what execution gives|has no place there: inadmissible-sender|"
                          # of an era record, what only the state under it tells: who its members are, and so whether they signed
                          r"that is no member|not its member's|no active member|members signed the era record|the state (lists|has) no|"
                          r"the signatures of an era record|signature under the era record")


def report(name, fault=""):
    print(f"not ok {name}: {fault}" if fault else f"ok {name}", flush=True)
    return not fault


def cannot_run(why):
    print(f"skip verifier: {why}")
    sys.exit(77)


try:
    import chain
    import evidence
    import forge_chain
    import forge_evidence
    import mutate
    from verify import verify
except ImportError as missing:
    cannot_run(f"{missing}: run scripts/install.sh test")


def said_by_salus(files):
    """{file: (good, why)} by one call of `salus verify`."""
    ended = subprocess.run([SALUS, "verify", "--json", *files], capture_output=True, text=True, check=False)
    try:
        answer = json.loads(ended.stdout)
    except json.JSONDecodeError:
        return {}
    return {found["file"]: (found["good"], "; ".join(said["text"] for said in found["statements"] if not said["holds"]))
            for found in answer["files"]}


def said_here(data):
    statements = verify(data)
    return all(holds for holds, _ in statements), "; ".join(text for holds, text in statements if not holds)


def compare(folder, inputs):
    """Asks both about each (name, bytes); returns what they said, counted, and where they do not agree."""
    folder.mkdir()
    files = {str(folder / str(index)): named for index, named in enumerate(inputs)}
    for file, (_, data) in files.items():
        pathlib.Path(file).write_bytes(data)
    theirs = said_by_salus(files)
    counts, disagreements = collections.Counter(), []
    for file, (name, data) in files.items():
        here, there = said_here(data), theirs.get(file, (None, "no answer"))
        by_execution = here[0] and there[0] is False and BY_EXECUTION.search(there[1])
        counts["executed" if by_execution else "good" if here[0] else "bad"] += 1
        if here[0] == there[0] or by_execution:
            pathlib.Path(file).unlink()
        else:
            disagreements.append(f"{name} ({file}): here {here}, salus {there}")
    return counts, disagreements


def compare_batch(folder, files, batch):
    chance = random.Random(f"{SEED} {batch}")
    return compare(folder / f"batch-{batch}", list(make_inputs(files, min(BATCH, INPUTS - batch * BATCH), chance)))


def play_demo(folder):
    ended = subprocess.run([SALUS, "demo", "--once", "--json", "--dir", folder], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                           cwd=ROOT, check=False)
    if ended.returncode != 0:
        print(f"not ok verifier: the demo ended with {ended.returncode}")
        sys.exit(1)


def proofs_and_chains(demo):
    """{name: bytes} of every file of the demo that a verifier is for, each content once."""
    found = {}
    for path in sorted(demo.rglob("*")):
        if path.is_file() and path.suffix in (".proof", ".salus"):
            data = path.read_bytes()
            if data[:8] in (chain.MAGIC, evidence.MAGIC) and data not in found.values():
                found[str(path.relative_to(demo))] = data
    return found


def make_inputs(files, count, chance):
    """Yields (name, bytes); small files more often, since each rule is met in a small one too."""
    names = sorted(files)
    weights = [1 / (1 + len(files[name]) / 20_000) for name in names]
    for _ in range(count):
        drawn = chance.random()
        if drawn < FORGED_EVIDENCE + FORGED_CHAINS:
            how, data = forge_evidence.forged_evidence(chance) if drawn < FORGED_EVIDENCE else forge_chain.forged_chain(chance)
            yield how, data
            continue
        name = chance.choices(names, weights)[0]
        alike = [data for data in files.values() if data[:8] == files[name][:8]]
        how, data = mutate.mutated(files[name], chance, alike)
        if chance.random() < 0.1 and data[:8] == files[name][:8]:
            more, data = mutate.mutated(data, chance, alike)
            how += ", " + more
        yield f"{name}, {how}", data


def agree(folder, demo):
    files = proofs_and_chains(demo)
    good = report("verifier: the demo leaves proofs and a chain", "" if len(files) > 4 else f"only {sorted(files)}")
    _, disagreements = compare(folder / "whole", list(files.items()))
    good &= report(f"verifier: {len(files)} files as the demo left them", "; ".join(disagreements))
    counts, disagreements = collections.Counter(), []
    with concurrent.futures.ProcessPoolExecutor() as pool:
        for counted, differing in pool.map(functools.partial(compare_batch, folder, files), range(-(-INPUTS // BATCH))):
            counts += counted
            disagreements += differing
    for line in disagreements[:SHOWN]:
        print(line)
    good &= report(f"verifier: {INPUTS} files made of them or forged, seed {SEED}: {counts['good']} good, {counts['bad']} not, "
                   f"{counts['executed']} refused by execution alone", f"{len(disagreements)} disagreements" if disagreements else "")
    # Agreement on files that are all refused at once would say little.
    few = min(counts["good"], counts["bad"]) * 10 < INPUTS
    return 0 if good & report("verifier: a tenth at least of them is good, and a tenth is not", "fewer" if few else "") else 1


def main():
    if not os.access(SALUS, os.X_OK):
        cannot_run(f"there is no {SALUS}")
    # Kept where the verifiers disagree: whoever looks into it needs the files.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="salus-verifier-"))
    demo = pathlib.Path(os.environ.get("SALUS_AGREEMENT_DEMO", folder / "demo"))
    if not demo.exists():
        play_demo(demo)
    code = agree(folder, demo)
    if code == 0:
        shutil.rmtree(folder)
    return code


if __name__ == "__main__":
    sys.exit(main())
