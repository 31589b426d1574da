#!/usr/bin/env python3
"""A node whose blocks CometBFT orders: transactions are committed, and whichever of the two is killed, both come back."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from live_node import LiveNode, SALUS, free_port, report, until  # noqa: E402


class CometBftNode(LiveNode):
    def __init__(self):
        super().__init__("--demo", "--engine", "cometbft")
        self.rpc = f"127.0.0.1:{free_port()}"
        self.settings = {"cometbft_rpc": f'"{self.rpc}"', "cometbft_p2p": f'"127.0.0.1:{free_port()}"'}

    def engine(self, target):
        with urllib.request.urlopen(f"http://{self.rpc}{target}", timeout=5) as answer:
            return json.load(answer)["result"]

    def engine_info(self):
        """What CometBFT knows of the ledger, nothing while it does not answer."""
        try:
            return self.engine("/abci_info")["response"]
        except (OSError, ValueError, KeyError):
            return {}

    def engine_pid(self):
        """Of CometBFT, which is the node's child."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/children")
        for pid in " ".join(file.read_text() for file in children).split():
            if b"cometbft" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
                return int(pid)
        return None

    def status(self):
        with urllib.request.urlopen(self.url + "/v1/status", timeout=5) as answer:
            return json.load(answer)

    def engine_height(self):
        return int(self.engine_info().get("last_block_height", 0))

    def makes_empty_blocks(self):
        """Whether engine blocks make fewer of ours: behind each of these comes an empty one, which proves it."""
        height, engine_height = self.height(), self.engine_height()
        return until(lambda: self.engine_height() > engine_height + 6, 90) and self.height() - height < 6

    def height(self):
        try:
            return self.status()["height"]
        except OSError:
            return -1


def write(node, name):
    """A patient, which stands in the chain before the answer comes."""
    patient = {"resourceType": "Patient", "name": [{"family": name}]}
    request = urllib.request.Request(
        node.fhir("hospital-a") + "/Patient", method="POST", data=json.dumps(patient).encode(),
        headers={"content-type": "application/fhir+json", "authorization": "Bearer " + node.token("hospital-a")})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return answer.headers["location"]


def read(node, location):
    request = urllib.request.Request(location, headers={"authorization": "Bearer " + node.token("hospital-a")})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def gone(pid):
    return not pathlib.Path(f"/proc/{pid}").exists()


def main():
    good = True
    cometbft = SALUS.parent / "cometbft"
    if not os.access(cometbft, os.X_OK):
        print("skip cometbft: scripts/install_cometbft.sh puts it beside the program")
        return 77
    with CometBftNode() as node:
        first = write(node, "First")
        good &= report("cometbft.commits", "" if until(lambda: node.height() >= 1) else f"no block: {node.log_text()}")

        good &= report("cometbft.empty_blocks_make_none_of_ours",
                       "" if node.makes_empty_blocks() else f"height {node.height()} at {node.engine_info()}")

        killed = node.engine_pid()
        os.kill(killed, signal.SIGKILL)
        second = write(node, "Second")
        good &= report("cometbft.engine_killed",
                       "" if node.engine_pid() not in (None, killed) and read(node, second)["name"][0]["family"] == "Second"
                       else "CometBFT did not come back")

        engine = node.engine_pid()
        node.kill()
        good &= report("cometbft.engine_ends_with_its_node", "" if until(lambda: gone(engine)) else "CometBFT still runs")
        node.start()
        third = write(node, "Third")
        names = [read(node, location)["name"][0]["family"] for location in (first, second, third)]
        good &= report("cometbft.node_killed", "" if names == ["First", "Second", "Third"] else f"{names}")

        engine = node.engine_pid()
        code = node.stop()
        good &= report("cometbft.stops_cleanly", "" if code == 0 and until(lambda: gone(engine)) else f"exit code {code}")
        checked = subprocess.run([SALUS, "check", "--dir", node.directory, "--json"], capture_output=True, text=True, check=False)
        good &= report("cometbft.check_finds_nothing", "" if checked.returncode == 0 else checked.stdout + checked.stderr)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
