#!/usr/bin/env python3
"""A fifth organisation joins a network of four: let in by vote, it follows, votes on blocks, and is suspended again."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from check_network import NODES, Network, end, free_ports  # noqa: E402
from live_node import SALUS, free_port, report, until  # noqa: E402


STRANGER_SECONDS = 8
FOUR = ["Hospital A", "Hospital B", "Payer", "Regulator"]


class Joiner:
    """A node of its own, outside of the network's folder."""

    def __init__(self, room, network):
        self.network, self.folder, self.process = network, pathlib.Path(room) / "clinic", None
        self.log = open(pathlib.Path(room) / "clinic.log", "w+b")
        self.rpc = free_port()
        settings = (network.folder / "hospital-a" / "node.toml").read_text()
        peers = next(line.split("'" if "'" in line else '"')[1] for line in settings.splitlines() if line.startswith("cometbft_peers"))
        self.made = network.run("init", "--join", network.folder / "hospital-a" / "genesis", "--dir", self.folder,
                                "--org", "clinic:hospital:Clinic", "--listen", f"127.0.0.1:{free_port()}", "--peers", peers,
                                "--cometbft-rpc", f"127.0.0.1:{self.rpc}", "--cometbft-p2p", f"127.0.0.1:{free_port()}")
        self.account, self.key = self.made["organisations"][0]["account"], self.made["key"]
        self.keys = self.folder / "orgs" / "clinic"

    def start(self):
        self.process = subprocess.Popen([SALUS, "node", "--dir", self.folder, "--json"], stdout=subprocess.PIPE, stderr=self.log)
        line = self.process.stdout.readline()
        if not line:
            self.log.seek(0)
            raise RuntimeError(f"the node did not start:\n{self.log.read().decode(errors='replace')[-4000:]}")
        self.url = json.loads(line)["url"]

    def stop(self):
        if self.process:
            end(self.process)
        self.process = None

    def peers(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.rpc}/net_info", timeout=10) as answer:
                return int(json.load(answer)["result"]["n_peers"])
        except OSError:
            return -1

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return json.load(answer)

    def height(self):
        return self.get("/v1/status")["height"]

    def write(self):
        token = self.network.run("keys", "token", "--node", self.url, "--as", self.keys)["access_token"]
        request = urllib.request.Request(f"{self.url}/orgs/clinic/fhir/R4/Patient", method="POST", data=b'{"resourceType":"Patient"}',
                                         headers={"content-type": "application/fhir+json", "authorization": "Bearer " + token})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status


class Members:
    """The four, who agree: as many vote as must."""

    def __init__(self, network):
        self.network = network
        self.urls = {name: node["url"] for name, node in network.nodes().items()}

    def signs(self, name):
        return ["--as", self.network.folder / name / "orgs" / name, "--node", self.urls[name]]

    def vote(self, *action):
        proposal = self.network.run("org", action[0], *self.signs("hospital-a"), *action[1:])["proposal"]
        status = "open"
        for name in ("hospital-b", "regulator", "payer"):
            if status == "open":
                status = self.network.run("org", "vote", *self.signs(name), proposal)["status"]
        return status

    def validators(self):
        said = self.network.run("org", "validators", "--node", self.urls["hospital-a"])["validators"]
        return sorted(one["name"] for one in said)

    def come_to(self, names):
        """What is amiss, if the validators do not become these: one node's view may be a moment behind another's."""
        return "" if until(lambda: self.validators() == sorted(names)) else f"{self.validators()}"


def caught_up(joiner, network):
    """Whether it reaches what the others have, and has the same block there."""
    height = network.nodes()["hospital-a"]["height"]
    if not until(lambda: joiner.height() >= height, 120):
        return f"height {joiner.height()} of {height}"
    theirs, own = network.block("hospital-a", height)["hash"], joiner.get(f"/v1/blocks/{height}")["hash"]
    return "" if theirs == own else f"{own} instead of {theirs}"


def votes_with(network, key):
    """Whether the newest blocks' certificates count on this key."""
    height = network.nodes()["hospital-a"]["height"]
    for at in range(max(1, height - 3), height + 1):
        certificate = network.block("hospital-a", at)["certificate"]
        if certificate and key in certificate["by"]["CometBftCertificate"]["validators"]:
            return True
    return False


def main():
    if not os.access(SALUS.parent / "cometbft", os.X_OK):
        print("skip membership: scripts/install_cometbft.sh puts CometBFT beside the program")
        return 77
    good = True
    with contextlib.ExitStack() as rooms:
        room = rooms.enter_context(tempfile.TemporaryDirectory(prefix="salus-live-"))
        network = rooms.enter_context(Network(room))
        network.start("--nodes", len(NODES), "--port", free_ports())
        members = Members(network)
        network.write("hospital-a")
        joiner = Joiner(room, network)
        try:
            joiner.start()
            # Time enough to call all of them, and to be given the blocks by one that listens.
            heard = until(lambda: joiner.height() > 0, STRANGER_SECONDS)
            good &= report("membership.a_stranger_is_not_let_in",
                           "" if not heard and joiner.peers() == 0 else f"{joiner.peers()} peers, height {joiner.height()}")

            status = members.vote("admit", joiner.account, "--kind", "hospital")
            network.run("org", "found", *members.signs("hospital-a"), "--new", joiner.keys)
            network.run("org", "register", "Clinic's node", "--as", joiner.keys, "--node", members.urls["hospital-a"], "--kind", "node",
                        "--operator", joiner.folder)
            good &= report("membership.the_members_let_it_in", "" if status == "passed" else status)
            good &= report("membership.it_follows", caught_up(joiner, network))
            answer = joiner.write()
            good &= report("membership.it_writes_on_its_own_node", "" if answer == 201 else f"{answer}")

            members.vote("add-validator", joiner.key, "--power", "1")
            good &= report("membership.it_is_voted_a_validator", members.come_to([*FOUR, "Clinic"]))

            def counted():
                network.write("hospital-a")
                return votes_with(network, joiner.key)
            good &= report("membership.certificates_carry_it", "" if until(counted, 60) else "they do not")
            network.run("network", "kill", "--dir", network.folder, "payer")
            answer = network.write("hospital-a")
            good &= report("membership.four_of_five_go_on", "" if answer == 201 else f"{answer}")
            network.run("network", "start", "--dir", network.folder, "payer")
            members = Members(network)

            members.vote("suspend", joiner.account)
            good &= report("membership.suspending_takes_its_power", members.come_to(FOUR))
            joiner.stop()
            joiner.start()
            answer = network.write("hospital-a")
            good &= report("membership.the_others_go_on", "" if answer == 201 else f"{answer}")
            height = joiner.height()
            shut_out = not until(lambda: joiner.height() > height, STRANGER_SECONDS) and joiner.peers() == 0
            good &= report("membership.its_node_is_shut_out", "" if shut_out and height < max(network.heights()) else f"{joiner.peers()}")

            changes = network.run("org", "validators", "--history", "--node", members.urls["hospital-a"])["changes"]
            said = [(change["cause"], change["from"], change["to"]) for change in changes]
            good &= report("membership.the_history_names_each_change",
                           "" if said == [("genesis", 0, 1)] * 4 + [("vote", 0, 1), ("vote", 1, 0)] else f"{said}")

            def certified():  # a certificate comes after its block; an export asks for one of each
                return network.block("hospital-a", network.nodes()["hospital-a"]["height"])["certificate"]
            good &= report("membership.the_newest_block_gets_its_certificate", "" if until(certified, 60) else "it does not")
        finally:
            joiner.stop()
            network.run("network", "down", "--dir", network.folder)
            network.up.wait(60)

        for folder in (network.folder / "hospital-a", joiner.folder):
            checked = subprocess.run([SALUS, "check", "--dir", folder, "--json"], capture_output=True, text=True, check=False)
            good &= report(f"membership.check_finds_nothing_at_{folder.name}", "" if checked.returncode == 0 else checked.stdout)
            export = pathlib.Path(room) / f"{folder.name}.export"
            network.run("ledger", "export", "--dir", folder, "--out", export)
            verified = subprocess.run([SALUS, "verify", export, "--json"], capture_output=True, text=True, check=False)
            good &= report(f"membership.verify_follows_the_export_of_{folder.name}",
                           "" if verified.returncode == 0 else verified.stdout + verified.stderr)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
