#!/usr/bin/env python3
"""A patient of 5,000 entries and 13 MB, as Synthea writes them, goes through the FHIR base and through `salus record import`."""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid

from live_node import LiveNode, ROOT, report

ENTRIES = 5_000
BYTES = 13_000_000
DEMO = ROOT / "data/demo"


def unpacked(name):
    return subprocess.run(["zstdcat", DEMO / name], capture_output=True, check=True).stdout.decode()


def large(name, seed):
    """The bundle of one shipped patient, everything but the Patient repeated under new urn:uuids until it is large."""
    entries = json.loads(unpacked(name))["entry"]
    patient = next(entry for entry in entries if entry["resource"]["resourceType"] == "Patient")
    patient["resource"]["identifier"] = [{"system": "urn:salus:test:large", "value": str(seed)}]
    others = [json.dumps(entry, indent=2) for entry in entries if entry is not patient]
    urls = {entry["fullUrl"] for entry in entries} - {patient["fullUrl"]}
    out = [json.dumps(patient, indent=2)]
    copies = 0
    while len(out) < ENTRIES:
        fresh = {url: f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{seed} {copies} {url}')}" for url in urls}
        # A copy that is not whole would refer to what is not there: those at the end stand by themselves.
        whole = len(out) + len(others) <= ENTRIES
        room = others if whole else [text for text in others if not set(re.findall(r"urn:uuid:[0-9a-f-]+", text)) - {
            patient["fullUrl"], json.loads(text)["fullUrl"]}][:ENTRIES - len(out)]
        out += [re.sub(r"urn:uuid:[0-9a-f-]+", lambda found: fresh.get(found[0], found[0]), text) for text in room]
        copies += 1
    text = '{"resourceType":"Bundle","type":"transaction","entry":[' + ",\n".join(out) + "]}"
    assert len(text) >= BYTES, "the shipped patient has become smaller than what this is to show"
    return text


def post(node, token, text):
    """The status and the answer of a POST to the base."""
    headers = {"content-type": "application/fhir+json", "authorization": f"Bearer {token}"}
    request = urllib.request.Request(node.fhir("hospital-a"), data=text.encode(), headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


def count(node, token, query):
    request = urllib.request.Request(f"{node.fhir('hospital-a')}?_summary=count&{query}", headers={"authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["total"]


with LiveNode() as node, tempfile.TemporaryDirectory() as folder:
    hospital = node.organisation("hospital-a")
    node.run("record", "import", *hospital, DEMO / "00-hospitals.json.zst", DEMO / "01-practitioners.json.zst")

    bundle = large("patient-0006.json.zst", 1)
    began = time.monotonic()
    token = node.token("hospital-a")
    status, answer = post(node, token, bundle)
    took = time.monotonic() - began
    statuses = [entry["response"]["status"] for entry in answer.get("entry", [])]
    good = report(f"large bundle: {ENTRIES} entries, {len(bundle.encode()) / 1e6:.1f} MB, through the FHIR base ({took:.1f} s)",
                  "" if status == 200 and statuses == ["201 Created"] * ENTRIES else f"{status} {str(answer)[:400]}")
    if status == 200:
        patient = answer["entry"][next(i for i, entry in enumerate(answer["entry"])
                                       if "/Patient/" in entry["fullUrl"])]["fullUrl"].rsplit("/", 1)[1]
        found = count(node, token, f"patient={patient}")
        good &= report("large bundle: each of its entries stands", "" if found == ENTRIES else f"{found} stand")

    file = pathlib.Path(folder) / "large.json"
    file.write_text(large("patient-0006.json.zst", 2))
    began = time.monotonic()
    stored = node.run("record", "import", *hospital, file)
    took = time.monotonic() - began
    good &= report(f"large bundle: through salus record import ({took:.1f} s)",
                   "" if (stored["stored"], stored["patients"]) == (ENTRIES, 1) else str(stored))
    before = count(node, node.token("hospital-a"), "_type=Patient")
    again = node.run("record", "import", *hospital, file)
    after = count(node, node.token("hospital-a"), "_type=Patient")
    good &= report("large bundle: imported again it makes nothing", "" if before == after == 2 else f"{again}, {before} to {after}")
sys.exit(0 if good else 1)
