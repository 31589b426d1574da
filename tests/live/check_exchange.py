#!/usr/bin/env python3
"""Readings between nodes, over real CometBFT: what hospital A has, hospital B reads through its own node, with the patient's grant; who is
down is named and hides nobody; who is suspended is shut out."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from check_network import NODES, Network, free_ports  # noqa: E402
from live_node import SALUS, report, until  # noqa: E402

IDENTIFIER = "urn:check|mary"
PATIENT = {"resourceType": "Patient", "identifier": [{"system": "urn:check", "value": "mary"}]}


class Readings:
    """What the two hospitals and the patient do, each at its own node."""

    def __init__(self, network, room):
        self.network = network
        self.room = pathlib.Path(room)
        os.environ["SALUS_PASSPHRASE"] = "correct horse battery staple"

    def url(self, name):
        return self.network.nodes()[name]["url"]

    def at(self, name, *command):
        """A command of the organisation `name`, at its node: exit code and answer."""
        folder = self.network.folder / name / "orgs" / name
        ended = subprocess.run([SALUS, *map(str, command), "--as", folder, "--node", self.url(name), "--json"], capture_output=True,
                               text=True, check=False)
        return ended.returncode, json.loads(ended.stdout or "{}")

    def need(self, name, *command):
        code, answer = self.at(name, *command)
        if code != 0:
            raise RuntimeError(f"salus {command} at {name}: {code} {answer}")
        return answer

    def staff(self, name, role):
        file = self.room / f"{name}-{role}.staff"
        self.network.run("org", "staff", "--as", self.network.folder / name / "orgs" / name, "--name", "Jonas Berg", "--role", role, "--id",
                         f"urn:staff|{role}", "--out", file)
        return file

    def prepare(self):
        """Mary has a chart at hospital A, and grants hospital B to read it: a referral."""
        chart, wallet, offer, self.referral = (self.room / name for name in ("mary.json", "mary.wallet", "mary.offer", "mary.referral"))
        chart.write_text(json.dumps(PATIENT), encoding="utf-8")
        patient = self.need("hospital-a", "record", "put", chart)["reference"].removeprefix("Patient/")
        at = ["--wallet", wallet, "--at", "hospital-a", "--node", self.url("hospital-a")]
        self.network.run("keys", "wallet", "--wallet", wallet)
        self.network.run("patient", "offer", *at, "--out", offer)
        self.need("hospital-a", "patient", "bind", patient, "--staff", self.staff("hospital-a", "registrar"), "--offer", offer)
        self.network.run("consent", "grant", *at, "--to", "hospital-b", "--for", "1h", "--referral", self.referral)
        self.physicians = {name: self.staff(name, "physician") for name in ("hospital-a", "hospital-b")}

    def read(self, *whom, reader="hospital-b"):
        return self.at(reader, "read", "--staff", self.physicians[reader], *whom, "--out", self.room / "mary")


def suspend(network, readings, name):
    """Whether the members have voted it so."""
    orgs = readings.network.run("org", "list", "--node", readings.url(name))["organisations"]
    account = next(one["account"] for one in orgs if one["slug"] == name)
    said = readings.need("regulator", "org", "suspend", account)
    proposal = said["proposal"]
    for member in NODES:
        if member not in ("regulator", name) and said["status"] == "open":
            said = readings.need(member, "org", "vote", proposal)
    return said["status"] == "passed"


def play(network, readings, room):
    readings.prepare()
    code, said = readings.read("--referral", readings.referral)
    good = report("exchange.what_was_granted_is_read_from_another_node", "" if code == 0 and said["resources"] == 1 else f"{code} {said}")
    verified = network.run("verify", pathlib.Path(room) / "mary" / "evidence.proof")
    good &= report("exchange.its_proof_needs_no_node", "" if verified["ok"] else f"{verified}")

    code, said = readings.read("--from", "hospital-a", "--from", "payer", "--patient", IDENTIFIER)
    answers = {one["custodian"]: one for one in said.get("answers", [])}
    good &= report("exchange.several_are_asked_at_once",
                   "" if code == 0 and answers["hospital-a"]["ok"] and answers["payer"]["error"] == "read-refused" else f"{code} {said}")

    network.run("network", "kill", "--dir", network.folder, "payer")
    code, said = readings.read("--all", "--patient", IDENTIFIER)
    answers = {one["custodian"]: one for one in said.get("answers", [])}
    good &= report("exchange.who_is_down_is_named_and_hides_nobody",
                   "" if code == 0 and len(answers) == 3 and answers["hospital-a"]["ok"] and answers["payer"]["error"] == "unavailable"
                   else f"{code} {said}")
    network.run("network", "start", "--dir", network.folder, "payer")

    good &= report("exchange.hospital_b_is_suspended", "" if suspend(network, readings, "hospital-b") else "the vote did not pass")
    # The other nodes may be a block behind the one that counted the last vote.
    shut_out = until(lambda: readings.read("--referral", readings.referral)[1].get("error") == "unauthenticated")
    good &= report("exchange.who_is_suspended_is_shut_out", "" if shut_out else f"{readings.read('--referral', readings.referral)}")
    at_b = ("--from", "hospital-b", "--patient", IDENTIFIER)
    not_asked = until(lambda: readings.read(*at_b, reader="hospital-a")[1].get("error") == "forbidden")
    good &= report("exchange.who_is_suspended_is_not_asked", "" if not_asked else f"{readings.read(*at_b, reader='hospital-a')}")
    return good


def main():
    if not os.access(SALUS.parent / "cometbft", os.X_OK):
        print("skip exchange: scripts/install_cometbft.sh puts CometBFT beside the program")
        return 77
    with tempfile.TemporaryDirectory(prefix="salus-live-") as room, Network(room) as network:
        network.start("--nodes", len(NODES), "--port", free_ports())
        good = play(network, Readings(network, room), room)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
