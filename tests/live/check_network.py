#!/usr/bin/env python3
"""Four organisations, each with a node of its own: what one writes stands on all, and one that is killed is not missed."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from live_node import SALUS, free_port, report, until  # noqa: E402

NODES = ["hospital-a", "hospital-b", "payer", "regulator"]
UP_SECONDS_MAX = 120


def free_ports():
    """The first of four in a row that are free, as are those 1,000, 2,000 and 3,000 above, and the sixteen 4,000 above."""
    while True:
        first = free_port()
        if first > 27_000:
            continue
        probes = []
        try:
            for port in (first + above + i for above in (0, 1000, 2000, 3000, 4000)
                         for i in range(len(NODES) ** 2 if above == 4000 else len(NODES))):
                probe = socket.socket()
                probes.append(probe)
                probe.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
        finally:
            for probe in probes:
                probe.close()


def end(process):
    """Asks a process to end, and sees to it; what it has started ends with it."""
    process.terminate()
    try:
        process.wait(90)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Network:
    """Ends with its block, whatever happens in it."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.up:
            end(self.up)
        self.log.close()

    def __init__(self, room):
        self.folder = pathlib.Path(room) / "network"
        self.log = open(pathlib.Path(room) / "log", "w+b")
        self.up = None

    def start(self, *options):
        self.up = subprocess.Popen([SALUS, "network", "up", "--dir", self.folder, "--json", *map(str, options)],
                                   stdout=subprocess.PIPE, stderr=self.log)
        line = self.up.stdout.readline()
        if not line:
            self.log.seek(0)
            raise RuntimeError(f"the network did not come up:\n{self.log.read().decode(errors='replace')[-4000:]}")
        return json.loads(line)

    def run(self, *arguments):
        ended = subprocess.run([SALUS, *map(str, arguments), "--json"], capture_output=True, text=True, check=False)
        if ended.returncode != 0:
            raise RuntimeError(f"salus {arguments[0]} {arguments[1]} ended with {ended.returncode}: {ended.stdout}{ended.stderr}")
        return json.loads(ended.stdout)

    def nodes(self):
        return {node["node"]: node for node in self.run("network", "status", "--dir", self.folder)["nodes"]}

    def heights(self):
        return [node.get("height", -1) for node in self.nodes().values()]

    def write(self, name):
        """A patient of the node's own organisation; its answer comes when its block stands."""
        url = self.nodes()[name]["url"]
        token = self.run("keys", "token", "--node", url, "--as", self.folder / name / "orgs" / name)["access_token"]
        request = urllib.request.Request(f"{url}/orgs/{name}/fhir/R4/Patient", method="POST", data=b'{"resourceType":"Patient"}',
                                         headers={"content-type": "application/fhir+json", "authorization": "Bearer " + token})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status

    def block(self, name, height):
        with urllib.request.urlopen(f"{self.nodes()[name]['url']}/v1/blocks/{height}", timeout=30) as answer:
            return json.load(answer)

    def alike(self, height):
        """Whether all nodes reach this height, and have the same block there."""
        if not until(lambda: min(self.heights()) >= height, 60):
            return f"heights {self.heights()}"
        blocks = [self.block(name, height) for name in NODES]
        hashes = {block["hash"] for block in blocks}
        return "" if len(hashes) == 1 else f"{len(hashes)} blocks at height {height}"


def processes_of(folder):
    """Every process that names the network's folder."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(folder).encode() in entry.read_bytes():
                found.append(entry.parent.name)
        except OSError:
            continue
    return found


def main():
    if not os.access(SALUS.parent / "cometbft", os.X_OK):
        print("skip network: scripts/install_cometbft.sh puts CometBFT beside the program")
        return 77
    good = True
    with tempfile.TemporaryDirectory(prefix="salus-live-") as room, Network(room) as network:
        said = network.start("--nodes", len(NODES), "--port", free_ports())
        good &= report("network.comes_up", "" if [node["state"] for node in said["nodes"]] == ["running"] * len(NODES) else f"{said}")
        good &= report("network.all_are_connected",
                       "" if until(lambda: all(node.get("peers") == 3 for node in network.nodes().values()), 60)
                       else f"{network.nodes()}")

        answers = [network.write("hospital-a"), network.write("hospital-b")]
        good &= report("network.each_organisation_writes_on_its_own_node", "" if answers == [201, 201] else f"{answers}")
        good &= report("network.all_nodes_have_the_same_blocks", network.alike(2))

        network.run("network", "partition", "--dir", network.folder, "payer")
        answer = network.write("hospital-a")
        good &= report("network.three_of_four_go_on_without_one_that_is_cut_off", "" if answer == 201 else f"{answer}")
        network.run("network", "partition", "--dir", network.folder, "hospital-a,hospital-b", "payer,regulator")
        before, answers = network.heights(), []
        writer = threading.Thread(target=lambda: answers.append(network.write("hospital-b")))
        writer.start()
        writer.join(3)
        good &= report("network.no_half_decides_anything", "" if not answers and network.heights()[0] <= max(before) else f"{answers}")
        network.run("network", "heal", "--dir", network.folder)
        writer.join(120)
        good &= report("network.all_go_on_when_it_is_healed", "" if answers == [201] else f"{answers}")
        good &= report("network.and_have_the_same_blocks", network.alike(max(before) + 1))
        load = network.run("network", "load", "--dir", network.folder, "--seconds", 3)
        good &= report("network.load_says_what_was_acknowledged", "" if load["acknowledged"] > 0 and not load["missing"] else f"{load}")
        slow = network.run("network", "delay", "--dir", network.folder, 300)
        began = time.monotonic()
        answer = network.write("hospital-a")
        took = time.monotonic() - began
        good &= report("network.a_delay_is_felt", "" if answer == 201 and took > 0.9 and len(slow["faults"]) == 12 else f"{answer} {took} {slow}")
        network.run("network", "heal", "--dir", network.folder)

        network.run("network", "kill", "--dir", network.folder, "payer")
        answer = network.write("hospital-a")
        good &= report("network.one_of_four_is_not_missed", "" if answer == 201 else f"{answer}")
        height = max(network.heights())
        network.run("network", "start", "--dir", network.folder, "payer")
        good &= report("network.who_was_killed_catches_up", network.alike(height))

        network.run("network", "stop", "--dir", network.folder, "regulator")
        state = network.nodes()["regulator"]["state"]
        good &= report("network.a_stopped_node_stays_stopped", "" if state == "stopped" else state)

        height = max(network.heights())
        network.up.send_signal(signal.SIGINT)
        code = network.up.wait(60)
        good &= report("network.ctrl_c_leaves_nothing_running",
                       "" if code == 0 and until(lambda: not processes_of(network.folder)) else f"{code}, {processes_of(network.folder)}")

        network.start()
        good &= report("network.comes_up_again_where_it_stood", network.alike(height))
        network.run("network", "down", "--dir", network.folder)
        good &= report("network.down_ends_it", "" if network.up.wait(60) == 0 and not processes_of(network.folder) else "it runs on")
        for name in NODES:
            checked = subprocess.run([SALUS, "check", "--dir", network.folder / name, "--json"], capture_output=True, text=True,
                                     check=False)
            good &= report(f"network.check_finds_nothing_at_{name}", "" if checked.returncode == 0 else checked.stdout + checked.stderr)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
