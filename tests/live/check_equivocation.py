#!/usr/bin/env python3
"""Two processes with one validator's key: the evidence takes its power, and the network goes on."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from check_network import NODES, Network, end, free_ports  # noqa: E402
from live_node import SALUS, free_port, report, until  # noqa: E402

GUILTY = "payer"


def setting(folder, name):
    return re.search(rf"(?m)^{name} = ['\"](.*)['\"]$", (folder / "node.toml").read_text())[1]


def change(folder, **settings):
    """Sets texts in a node's node.toml."""
    file = folder / "node.toml"
    text = file.read_text()
    for name, value in settings.items():
        text, count = re.subn(rf"(?m)^{name} = .*$", f"{name} = '{value}'", text)
        if count != 1:
            raise RuntimeError(f"{file} has {count} of {name}")
    file.write_text(text)


def addresses(folder):
    """ID@HOST:PORT of each node, its own: the id is the one that it does not name itself."""
    named = {name: {peer.partition("@")[0] for peer in setting(folder / name, "cometbft_peers").split(",")} for name in NODES}
    everybody = set.union(*named.values())
    return {name: f"{next(iter(everybody - ids))}@{setting(folder / name, 'cometbft_p2p')}" for name, ids in named.items()}


def make_twin(room, folder):
    """A copy of the guilty node's folder, for a process of its own: one of the others is named to it, another to the guilty."""
    where = addresses(folder)
    honest = [name for name in NODES if name != GUILTY]
    for name in honest:
        change(folder / name, cometbft_peers=",".join(where[other] for other in honest if other != name), cometbft_calls="heard")
    twin = pathlib.Path(room) / "twin"
    shutil.copytree(folder / GUILTY, twin, ignore=shutil.ignore_patterns("app.sock"))
    change(folder / GUILTY, cometbft_peers=where[honest[0]], cometbft_calls="heard")
    change(twin, cometbft_peers=where[honest[1]], cometbft_calls="heard", listen=f"127.0.0.1:{free_port()}", cometbft_rpc=f"127.0.0.1:{free_port()}",
           cometbft_p2p=f"127.0.0.1:{free_port()}", exchange_listen=f"127.0.0.1:{free_port()}")
    return twin


def has_peers(folder):
    try:
        with urllib.request.urlopen(f"http://{setting(folder, 'cometbft_rpc')}/net_info", timeout=10) as answer:
            return int(json.load(answer)["result"]["n_peers"]) > 0
    except OSError:
        return False


def run_both(network, twin, log):
    """Both at once, until both are heard. A node holds one connection to a key, and nodes tell each other of those they know, so
    that now and then the one is everywhere before the other is anywhere."""
    guilty = network.folder / GUILTY
    for _ in range(5):
        for folder in (guilty, twin):
            (folder / "cometbft" / "config" / "addrbook.json").unlink(missing_ok=True)
        process = subprocess.Popen([SALUS, "node", "--dir", twin, "--json"], stdout=subprocess.PIPE, stderr=log)
        network.run("network", "start", "--dir", network.folder, GUILTY)
        if until(lambda: has_peers(guilty) and has_peers(twin), 20):
            return process
        end(process)
        network.run("network", "kill", "--dir", network.folder, GUILTY)
    raise RuntimeError("never were both heard")


def main():
    if not os.access(SALUS.parent / "cometbft", os.X_OK):
        print("skip equivocation: scripts/install_cometbft.sh puts CometBFT beside the program")
        return 77
    good = True
    with contextlib.ExitStack() as rooms:
        room = rooms.enter_context(tempfile.TemporaryDirectory(prefix="salus-live-"))
        network = rooms.enter_context(Network(room))
        network.start("--nodes", len(NODES), "--port", free_ports())
        network.write("hospital-a")
        network.run("network", "down", "--dir", network.folder)
        network.up.wait(60)
        twin = make_twin(room, network.folder)
        with open(pathlib.Path(room) / "twin.log", "w+b") as log:
            network.start()
            network.run("network", "kill", "--dir", network.folder, GUILTY)
            process = run_both(network, twin, log)
            rooms.callback(end, process)
            try:
                url = network.nodes()["hospital-a"]["url"]

                def changes():
                    network.write("hospital-a")
                    said = network.run("org", "validators", "--history", "--node", url)["changes"]
                    return [change for change in said if change["cause"] == "evidence"]
                found = until(lambda: changes(), 180)
                one = changes()[0] if found else {}
                good &= report("equivocation.evidence_takes_the_power_of_who_signs_twice",
                               "" if found and (one["from"], one["to"]) == (1, 0) and one["name"] == "Payer" else f"{one}")
                names = [one["name"] for one in network.run("org", "validators", "--node", url)["validators"]]
                good &= report("equivocation.the_others_stay", "" if len(names) == 3 and "Payer" not in names else f"{names}")
                answer = network.write("hospital-b")
                good &= report("equivocation.the_network_goes_on", "" if answer == 201 else f"{answer}")
            finally:
                end(process)
                network.run("network", "down", "--dir", network.folder)
                network.up.wait(60)
        checked = subprocess.run([SALUS, "check", "--dir", network.folder / "regulator", "--json"], capture_output=True, text=True,
                                 check=False)
        good &= report("equivocation.check_finds_nothing", "" if checked.returncode == 0 else checked.stdout)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
