#!/usr/bin/python3
"""Records certificates of CometBFT v0.39.4: starts four validators of its kvstore on this machine and writes recorded/."""

import base64
import datetime
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "verifier"))

from wire import Message, encode  # noqa: E402

VERSION = "0.39.4"
CHAIN = "salus-recorded"
NODES = 4
FIRST_PORT = 24_650
UNIX = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def message(kind, **values):
    return Message(kind, values)


# What the RPC says, as messages

def timestamp(text):
    whole, _, fraction = text.removesuffix("Z").partition(".")
    moment = datetime.datetime.fromisoformat(whole).replace(tzinfo=datetime.timezone.utc) - UNIX
    seconds = moment.days * 86_400 + moment.seconds
    return message("CometBftTimestamp", seconds=seconds % (1 << 64), nanos=int(fraction.ljust(9, "0") or 0))


def block_id(said):
    parts = said["parts"]
    return message("CometBftBlockId", hash=bytes.fromhex(said["hash"]),
                   part_set_header=message("CometBftPartSetHeader", total=parts["total"], hash=bytes.fromhex(parts["hash"])))


def header(said):
    version = said["version"]
    hashes = {name: bytes.fromhex(said[name]) for name in (
        "last_commit_hash", "data_hash", "validators_hash", "next_validators_hash", "consensus_hash", "app_hash",
        "last_results_hash", "evidence_hash", "proposer_address")}
    return message("CometBftHeader", version=message("CometBftVersion", block=int(version["block"]), app=int(version.get("app", 0))),
                   chain_id=said["chain_id"], height=int(said["height"]), time=timestamp(said["time"]),
                   last_block_id=block_id(said["last_block_id"]), **hashes)


def commit(said):
    votes = [message("CometBftCommitSig", block_id_flag=vote["block_id_flag"],
                     validator_address=bytes.fromhex(vote["validator_address"]), timestamp=timestamp(vote["timestamp"]),
                     signature=base64.b64decode(vote["signature"] or "")) for vote in said["signatures"]]
    return message("CometBftCommit", height=int(said["height"]), round=said["round"], block_id=block_id(said["block_id"]),
                   signatures=votes)


def validator_set(said):
    validators = [message("CometBftValidator", address=bytes.fromhex(one["address"]),
                          pub_key=message("CometBftPublicKey", ed25519=base64.b64decode(one["pub_key"]["value"])),
                          voting_power=int(one["voting_power"]), proposer_priority=0) for one in said]
    return message("CometBftValidatorSet", validators=validators, proposer=None, total_voting_power=0)


def era_record(genesis):
    validators = [message("Validator", key=message("Signer", suite=1, public_key=base64.b64decode(one["pub_key"]["value"])),
                          power=int(one["power"]), organisation=bytes(16)) for one in genesis["validators"]]
    return message("EraRecord", era=1, first_height=1, parent_hash=bytes(32), engine=2, chain_id=genesis["chain_id"],
                   validators=validators, reason="", signatures=[])


# The network

class Network:
    def __init__(self, folder):
        self.folder, self.processes = folder, {}
        subprocess.run(["cometbft", "testnet", "--v", str(NODES), "--o", folder], check=True, stdout=subprocess.DEVNULL)
        ids = [subprocess.run(["cometbft", "show-node-id", "--home", self.home(node)], check=True, capture_output=True,
                              text=True).stdout.strip() for node in range(NODES)]
        peers = ",".join(f"{name}@127.0.0.1:{FIRST_PORT + 2 * node}" for node, name in enumerate(ids))
        for node in range(NODES):
            self.configure(node, peers)

    def home(self, node):
        return f"{self.folder}/node{node}"

    def configure(self, node, peers):
        config = pathlib.Path(self.home(node), "config/config.toml")
        text = config.read_text(encoding="utf-8")
        settings = {"persistent_peers": f'"{peers}"', "addr_book_strict": "false", "allow_duplicate_ip": "true",
                    "pprof_laddr": '""', "timeout_commit": '"300ms"', "prometheus": "false", "log_level": '"error"'}
        if node == NODES - 1:  # impatient: it votes for nil now and then
            settings |= {"timeout_propose": '"1ms"', "timeout_prevote": '"1ms"', "timeout_propose_delta": '"0s"',
                         "timeout_prevote_delta": '"0s"'}
        for name, value in settings.items():
            text, found = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", text)
            assert found == 1, name
        ports = iter((FIRST_PORT + 2 * node + 1, FIRST_PORT + 2 * node))  # [rpc] stands before [p2p]
        text = re.sub(r'(?m)^laddr = .*$', lambda _: f'laddr = "tcp://127.0.0.1:{next(ports)}"', text)
        config.write_text(text, encoding="utf-8")
        genesis = pathlib.Path(self.home(node), "config/genesis.json")
        text = re.sub(r'"chain_id": "[^"]*"', f'"chain_id": "{CHAIN}"', genesis.read_text(encoding="utf-8"))
        genesis.write_text(text.replace('"power": "1"', '"power": "10"'), encoding="utf-8")

    def start(self, node):
        log = open(f"{self.home(node)}/log", "a", encoding="utf-8")  # pylint: disable=consider-using-with
        self.processes[node] = subprocess.Popen(["cometbft", "start", "--home", self.home(node), "--proxy_app", "kvstore"],
                                                stdout=log, stderr=log)

    def stop(self, node):
        process = self.processes.pop(node)
        process.send_signal(signal.SIGTERM)
        process.wait()

    def ask(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{FIRST_PORT + 1}/{path}", timeout=30) as answer:
            return json.load(answer)["result"]

    def height(self):
        try:
            return int(self.ask("status")["sync_info"]["latest_block_height"])
        except OSError:
            return 0

    def wait_for(self, height):
        deadline = time.monotonic() + 180
        while self.height() < height:
            assert time.monotonic() < deadline, f"no height {height}: see {self.folder}"
            time.sleep(0.1)

    def certificate(self, height):
        signed = self.ask(f"commit?height={height}")
        assert signed["canonical"], height
        validators = self.ask(f"validators?height={height}&per_page=100")["validators"]
        parts = header(signed["signed_header"]["header"]), commit(signed["signed_header"]["commit"]), validator_set(validators)
        return message("CometBftCertificate", **dict(zip(("header", "commit", "validators"), map(encode, parts))))

    def flags(self, height):
        return [vote["block_id_flag"] for vote in self.ask(f"commit?height={height}")["signed_header"]["commit"]["signatures"]]

    def first_with(self, flags, height):
        """The first height from there on whose commit has these flags, in any order."""
        for height in range(height, height + 300):
            self.wait_for(height + 1)
            if sorted(self.flags(height)) == flags:
                return height
        raise AssertionError(f"no commit with {flags}")

    def change_validator(self, key, power):
        """Returns the height whose block has the transaction; its change holds two heights on."""
        said = base64.b64encode(key).decode()
        data = f"val=ed25519!{said}!{power}".encode()
        answer = self.ask(f"broadcast_tx_commit?tx=0x{data.hex()}")
        assert answer["tx_result"].get("code", 0) == 0, answer
        return int(answer["height"])


def play(network):
    """Yields (name, certificate)."""
    for node in range(NODES):
        network.start(node)
    yield "all", network.certificate(network.first_with([2, 2, 2, 2], 3))
    yield "nil", network.certificate(network.first_with([2, 2, 2, 3], 3))
    network.stop(NODES - 1)
    yield "absent", network.certificate(network.first_with([1, 2, 2, 2], network.height()))
    network.start(NODES - 1)
    genesis = json.loads(pathlib.Path(network.home(0), "config/genesis.json").read_text(encoding="utf-8"))
    keys = [base64.b64decode(one["pub_key"]["value"]) for one in genesis["validators"]]
    network.change_validator(keys[0], 25)
    # A fifth that nobody runs: its key is as good as any.
    changed = network.change_validator(bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"), 3)
    network.wait_for(changed + 10)
    yield "announced", network.certificate(changed + 1)
    yield "changed", network.certificate(changed + 2)
    yield "later", network.certificate(changed + 6)
    for key in keys[1:3]:
        last = network.change_validator(key, 2)
    network.wait_for(last + 5)
    yield "again", network.certificate(last + 4)


def main():
    said = subprocess.run(["cometbft", "version"], check=True, capture_output=True, text=True).stdout
    assert VERSION in said, f"this is cometbft {said.strip()}, not {VERSION}"
    folder = tempfile.mkdtemp(prefix="salus-cometbft-")
    network = Network(folder)
    out = HERE / "recorded"
    out.mkdir(exist_ok=True)
    try:
        for name, certificate in play(network):
            (out / name).write_bytes(encode(certificate))
            print(name, len(encode(certificate)))
    finally:
        for node in list(network.processes):
            network.stop(node)
    genesis = json.loads(pathlib.Path(network.home(0), "config/genesis.json").read_text(encoding="utf-8"))
    (out / "era").write_bytes(encode(era_record(genesis)))


if __name__ == "__main__":
    os.umask(0o022)
    main()
