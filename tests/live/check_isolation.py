#!/usr/bin/env python3
"""What one organisation owns is nothing at another's base: its ids, its pages and its tokens."""

import json
import pathlib
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

from live_node import LiveNode, report

PATIENT = {"resourceType": "Patient", "identifier": [{"system": "urn:salus:test", "value": "1"}], "name": [{"family": "Test"}]}


def ask(url, token, body=None):
    """The status and the bytes of the answer."""
    headers = {"content-type": "application/fhir+json", "authorization": f"Bearer {token}"}
    request = urllib.request.Request(url, headers=headers, data=None if body is None else json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read()


def made(node, token, resource):
    return json.loads(ask(f"{node.fhir('hospital-a')}/{resource['resourceType']}", token, resource)[1])["id"]


def link(bundle, relation):
    return next(one["url"] for one in bundle["link"] if one["relation"] == relation)


with LiveNode() as node, tempfile.TemporaryDirectory() as folder:
    a, b = node.token("hospital-a"), node.token("hospital-b")
    base_a, base_b = node.fhir("hospital-a"), node.fhir("hospital-b")
    patient = made(node, a, PATIENT)
    for value in ("1", "2"):
        made(node, a, {"resourceType": "Observation", "status": "final", "code": {"text": value},
                       "subject": {"reference": f"Patient/{patient}"}})
    form = pathlib.Path(folder) / "form"
    form.write_text("a signed form")
    consent = node.run("consent", "attest", patient, *node.organisation("hospital-a"), "--to", "payer", "--for", "600s",
                       "--paper", form)["grant"]
    directory = json.loads(ask(f"{node.url}/orgs", a)[1])["organisations"]
    account_a = next(one["account"] for one in directory if one["slug"] == "hospital-a")
    audit = json.loads(ask(f"{base_a}/AuditEvent?patient={patient}", a)[1])
    event = audit["entry"][0]["resource"]["id"]
    page = json.loads(ask(f"{base_a}/Observation?patient={patient}&_count=1", a)[1])
    next_page = urllib.parse.urlsplit(link(page, "next"))

    good = True
    # Control: each of them is something at home.
    # The event comes first: B's own audit names A's patient once B has asked for her.
    home = {"AuditEvent": f"AuditEvent/{event}", "Patient": f"Patient/{patient}", "its version": f"Patient/{patient}/_history/1",
            "its history": f"Patient/{patient}/_history", "its proof": f"Patient/{patient}/$proof", "Consent": f"Consent/{consent}",
            "a search by the patient": f"Observation?patient={patient}", "the next page": f"Observation?{next_page.query}"}
    unknown = {patient: "0" * len(patient), event: "0" * 9 + "7", consent: "0" * len(consent)}
    for name, path in home.items():
        status, _ = ask(f"{base_a}/{path}", a)
        good &= report(f"isolation: {name} stands at home", "" if status == 200 else f"{status}")
        nobody = path
        for known, other in unknown.items():
            nobody = nobody.replace(known, other)
        if name == "the next page":
            status, answer = ask(f"{base_b}/{path}", b)
            good &= report(f"isolation: {name} is refused at another's base", "" if status == 400 else f"{status}")
            continue
        here = ask(f"{base_b}/{path}", b)
        there = ask(f"{base_b}/{nobody}", b)
        # What a search answers repeats the question.
        same = here[0] == there[0] and here[1] == there[1].replace(nobody.encode(), path.encode())
        if name == "AuditEvent":  # numbered from 1 in each house: under that number stands B's own, or none
            foreign = [of_a for of_a in (patient, account_a) if of_a.encode() in here[1]]
            same = here[0] == 404 or (here[0] == 200 and not foreign)
        if name == "a search by the patient":
            same = here[0] == there[0] and json.loads(here[1])["total"] == json.loads(there[1])["total"] == 0
        good &= report(f"isolation: {name} is as unknown at another's base", "" if same else f"{here} is not {there}")
    for path in ("Patient", f"Patient/{patient}"):
        status, answer = ask(f"{base_b}/{path}", a)
        good &= report(f"isolation: a token of A is refused at B: {path.split('/')[0]}, {'one' if '/' in path else 'all'}",
                       "" if status in (401, 403) and patient.encode() not in answer else f"{status}")
sys.exit(0 if good else 1)
