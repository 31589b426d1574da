#!/usr/bin/env python3
"""What a disk, or a hand, can do to the files of a node: one flipped bit in each kind, files missing, of another node, older than
the rest, cut off. `salus check` names the file or the resource, or nothing that is served has changed."""

import concurrent.futures
import json
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from live_node import LiveNode, ROOT, SALUS, free_port, report

SEED = int(os.environ.get("SALUS_FLIPS_SEED", "1"))
FACTOR = int(os.environ.get("SALUS_FLIPS_FACTOR", "1"))  # so many times the places
ORGANISATIONS = ["--org", "hospital-a:hospital:A:US-MA", "--org", "hospital-b:hospital:B:US-MA"]
BUNDLES = [ROOT / "data/demo" / name for name in ("00-hospitals.json.zst", "01-practitioners.json.zst", "patient-0006.json.zst")]
os.environ["SALUS_PASSPHRASE"] = "correct horse battery staple"

# Kind of file, which files of a folder these are, and in how many places a bit is flipped: stopped, killed.
KINDS = [
    ("table of the chain", r"chain/\d+\.sst", 4, 1),
    ("log of the chain", r"chain/\d+\.log", 0, 4),
    ("MANIFEST", r"chain/MANIFEST-\d+", 1, 1),
    ("CURRENT", r"chain/CURRENT", 1, 0),
    ("SYNCED", r"chain/SYNCED", 1, 1),
    ("vault", r"orgs/[^/]+/vault/vault\.db", 6, 3),
    ("log of a vault", r"orgs/[^/]+/vault/vault\.db-wal", 0, 8),
    ("mark of a vault", r"orgs/[^/]+/vault/vault\.db-synced", 1, 1),
    ("key store", r"orgs/[^/]+/keystore/keystore\.db", 3, 0),
    ("log of a key store", r"orgs/[^/]+/keystore/keystore\.db-wal", 0, 3),
    ("keys", r"orgs/[^/]+/keys", 2, 0),
    ("passphrase", r"orgs/[^/]+/passphrase", 2, 0),
    ("share of the escrow", r"orgs/[^/]+/escrow/share-\d", 2, 0),
    ("operator's key", r"operator\.key", 1, 0),
    ("operator's passphrase", r"operator\.passphrase", 1, 0),
    ("genesis", r"genesis", 2, 0),
    ("configuration", r"node\.toml", 3, 0),
    ("RocksDB's notes and SQLite's index", r"chain/(IDENTITY|OPTIONS).*|orgs/.*-shm", 2, 2),
]


def salus(*arguments):
    """The exit code, and all that was said."""
    ended = subprocess.run([SALUS, *map(str, arguments)], capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout + ended.stderr


def files_of(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and p.stat().st_size)


def flip(file, bit):
    content = bytearray(file.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    file.write_bytes(content)


def cut(file, count):
    os.truncate(file, file.stat().st_size - count)


class States:
    """A node's folder with data of every kind: stopped, and killed later with more of it; and the folder of another network."""

    def __init__(self, folder):
        self.stopped, self.killed, self.other = (folder / name for name in ("stopped", "killed", "other"))
        self.wallet = folder / "mary.wallet"
        with LiveNode(*ORGANISATIONS) as node:
            self.fill(node, folder)
            node.stop()
            shutil.copytree(node.directory, self.stopped)
            node.start()
            self.read(node, folder, "again")
            patient = folder / "patient.json"
            patient.write_text(json.dumps({"resourceType": "Patient", "identifier": [{"system": "urn:test", "value": "2"}]}))
            node.run("record", "put", patient, *node.organisation("hospital-a"))
            self.refer(node, folder, "last")
            node.kill()
            shutil.copytree(node.directory, self.killed)
        with LiveNode(*ORGANISATIONS) as node:
            node.stop()
            shutil.copytree(node.directory, self.other)

    def fill(self, node, folder):
        a, b, at = node.organisation("hospital-a"), node.organisation("hospital-b"), ["--node", node.url]
        node.run("record", "import", *a, *BUNDLES)
        self.mary = node.run("record", "search", "Patient?_count=1", *a)["found"][0].removeprefix("Patient/")
        node.run("keys", "wallet", "--wallet", self.wallet)
        node.run("patient", "offer", "--wallet", self.wallet, "--at", "hospital-a", "--out", folder / "offer", *at)
        for of, name, role in ((a, "ruth", "registrar"), (b, "jonas", "emergency-physician")):
            node.run("org", "staff", *of[2:], "--name", name, "--role", role, "--id", f"urn:{name}", "--out", folder / name)
        node.run("patient", "bind", self.mary, *a, "--staff", folder / "ruth", "--offer", folder / "offer")
        node.run("consent", "grant", "--wallet", self.wallet, "--at", "hospital-a", "--to", "hospital-b", "--for", "1h",
                 "--referral", folder / "referral", *at)
        self.read(node, folder, "first")
        self.read(node, folder, "broken", "--purpose", "ETREAT", "--break-glass", "unconscious", "--for", "15m")

    def read(self, node, folder, out, *how):
        node.run("read", *node.organisation("hospital-b"), "--staff", folder / "jonas", "--referral", folder / "referral",
                 "--out", folder / out, *how)

    def refer(self, node, folder, out):
        node.run("patient", "referral", self.mary, *node.organisation("hospital-a"), "--staff", folder / "ruth", "--out", folder / out)


def served(folder):
    """All that the node in `folder` hands out of what stood there before it was started, or why it does not start."""
    kept = {}
    for org in ("hospital-a", "hospital-b"):
        with sqlite3.connect(f"file:{folder}/orgs/{org}/vault/vault.db?mode=ro", uri=True) as vault:
            kinds = [kind for kind, in vault.execute("SELECT DISTINCT type FROM versions ORDER BY type")]
            kept[org] = (kinds + ["AuditEvent", "Consent"], vault.execute("SELECT COUNT(*) FROM audit_events").fetchone()[0])
    url = f"http://127.0.0.1:{free_port()}"
    log = tempfile.TemporaryFile("w+")
    node = subprocess.Popen([SALUS, "node", "--dir", folder, "--listen", url.removeprefix("http://")], stdout=log, stderr=log)
    try:
        while salus("ledger", "status", "--node", url)[0] != 0:
            if node.poll() is not None:
                log.seek(0)
                return f"does not start: {log.read()[-500:]}"
            time.sleep(0.2)
        return {org: listed(folder, url, org, *kept[org]) for org in kept}
    finally:
        node.kill()
        node.wait()
        log.close()


def listed(folder, url, org, kinds, events):
    token = json.loads(salus("keys", "token", "--node", url, "--as", folder / "orgs" / org, "--json")[1])["access_token"]
    entries = {}
    for kind in kinds:
        page = f"{url}/orgs/{org}/fhir/R4/{kind}?_count=1000"
        while page:
            request = urllib.request.Request(page, headers={"authorization": f"Bearer {token}"})
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    bundle = json.loads(answer.read().replace(url.encode(), b"URL"))
            except urllib.error.HTTPError as refusal:
                entries[kind] = refusal.code
                break
            for entry in bundle.get("entry", []):
                resource = entry["resource"]
                if resource["resourceType"] != "AuditEvent" or int(resource["id"]) <= events:
                    entries[entry["fullUrl"]] = resource
            page = next((one["url"].replace("URL", url) for one in bundle["link"] if one["relation"] == "next"), None)
    return entries


def exported(folder, out):
    salus("ledger", "export", "--dir", folder, "--out", out)
    return out.read_bytes() if out.exists() else None


class Judge:
    """Tries changes on copies of a folder."""

    def __init__(self, name, folder, room):
        self.name, self.folder, self.room = name, folder, room / f"tried-{name}"
        self.room.mkdir()
        self.count = 0

    def copy(self):
        self.count += 1
        place = self.room / str(self.count)
        shutil.copytree(self.folder, place)
        return place

    def found(self, place, change, path):
        """Whether the check says so, and what it says where that names nothing."""
        change(place)
        code, said = salus("check", "--dir", place, "--json")
        shutil.rmtree(place)
        if code == 0:
            return False, ""
        return True, "" if self.names(said, path) else f"not named: {said[:400]}"

    @staticmethod
    def names(said, path):
        """The file, or the resource in it."""
        if pathlib.Path(path).name in said or (path.startswith("chain") and "chain" in said):
            return True
        organisation = re.match(r"orgs/([^/]+)/", path)
        try:
            parts = {one["slug"]: one["findings"] for one in json.loads(said.split("\n")[0])["organisations"]}
        except (ValueError, KeyError):
            return False
        return bool(organisation and parts.get(organisation[1]))

    def harmless(self, changes):
        """Why they are not: what the node proves or serves with all of them is not what it was."""
        places = [self.copy(), self.copy()]
        for change in changes:
            change(places[1])
        chains = [exported(place, self.room / f"{place.name}.salus") for place in places]
        if chains[0] is None or chains[0] != chains[1]:
            return "another chain is exported"
        before, after = map(served, places)
        if isinstance(before, str) or isinstance(after, str):
            return str(before if isinstance(before, str) else after)
        different = [url for org in before for url in {**before[org], **after[org]}
                     if before[org].get(url) != after[org].get(url)]
        return f"served otherwise: {different[:3]}" if different else ""


def flips(judge, column):
    """(what, path, change) of every place in which a bit is flipped."""
    rng = random.Random(f"{SEED} {judge.name}")
    files = files_of(judge.folder)
    for kind, pattern, *counts in KINDS:
        matching = [file for file in files if re.fullmatch(pattern, file)]
        for _ in range(counts[column] * FACTOR if matching else 0):
            path = rng.choice(matching)
            bit = rng.randrange((judge.folder / path).stat().st_size * 8)
            yield f"{kind}, {path} bit {bit}", path, lambda place, path=path, bit=bit: flip(place / path, bit)


def one_of(folder, pattern):
    """The largest of these files."""
    return max((file for file in files_of(folder) if re.fullmatch(pattern, file)), key=lambda f: (folder / f).stat().st_size)


def put(source, path):
    def change(place):
        target = place / path
        if source.is_dir():
            shutil.rmtree(target)
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    return change


def losses(states, judge):
    """Files that are gone, another node's, older than the rest, or cut off."""
    table, log = one_of(judge.folder, r"chain/\d+\.sst"), one_of(judge.folder, r"chain/\d+\.log")
    manifest = one_of(judge.folder, r"chain/MANIFEST-\d+")
    vault, keys = "orgs/hospital-a/vault/vault.db", "orgs/hospital-a/keystore/keystore.db"
    house = ["orgs/hospital-a/keys", "orgs/hospital-a/passphrase"]
    for path in [table, log, manifest, "chain/CURRENT", "genesis", "node.toml", "operator.key", "operator.passphrase", *house,
                 vault, vault + "-wal", keys, keys + "-wal"]:
        yield f"missing {path}", path.removesuffix("-wal") if "orgs" in path else path, lambda place, path=path: (place / path).unlink()
    yield "missing chain/", "chain", lambda place: shutil.rmtree(place / "chain")
    for path in ["genesis", "operator.key", *house, vault, keys]:
        yield f"another node's {path}", path, put(states.other / path, path)
        if "orgs" in path:
            yield f"another house's {path}", path, put(judge.folder / path.replace("-a/", "-b/"), path)
    yield "another node's chain/", "chain", put(states.other / "chain", "chain")
    for path in ["chain", "orgs/hospital-a/vault", "orgs/hospital-a/keystore"]:
        yield f"older {path}/", path + "/vault.db", put(states.stopped / path, path)
    for path, count in [(table, 10), (log, 9), (vault, 1_000_000), (vault + "-wal", 100), (vault + "-wal", 3 * 4120), (keys + "-wal", 100)]:
        yield f"cut {path} by {count} bytes", path.removesuffix("-wal") if "orgs" in path else path, \
            lambda place, path=path, count=count: cut(place / path, count)


def outside(states, room):
    """Files that leave the node: an exported chain, a wallet."""
    rng = random.Random(f"{SEED} outside")
    chain = room / "chain.salus"
    exported(states.stopped, chain)
    good = report("flips: control: chain and wallet are sound",
                  "" if salus("verify", chain)[0] == 0 and salus("keys", "words", "--wallet", states.wallet)[0] == 0 else "refused")
    for name, original, command in (("exported chain", chain, ("verify",)), ("wallet", states.wallet, ("keys", "words", "--wallet"))):
        faults = []
        for _ in range(5 * FACTOR):
            bit, copy = rng.randrange(original.stat().st_size * 8), room / f"spoiled-{original.name}"
            shutil.copy2(original, copy)
            flip(copy, bit)
            if salus(*command, copy)[0] == 0:
                faults.append(f"bit {bit} is not seen")
        good &= report(f"flips: {name}", "; ".join(faults))
    return good


def tried(judge, cases, workers):
    """(what, path, change, was it found, fault) of each."""
    def one(case):
        what, path, change = case
        return (*case, *judge.found(judge.copy(), change, path))
    return list(workers.map(one, cases))


def main(room):
    states = States(room)
    good = outside(states, room)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
        for column, judge in enumerate((Judge("stopped", states.stopped, room), Judge("killed", states.killed, room))):
            code, said = salus("check", "--dir", judge.copy(), "--json")
            good &= report(f"flips: control: the check finds nothing in a node that was {judge.name}", said if code else "")
            results = tried(judge, list(flips(judge, column)), workers)
            for kind in dict.fromkeys(what.split(",")[0] for what, *_ in results):
                of_kind = [one for one in results if one[0].split(",")[0] == kind]
                faults = [f"{what}: {fault}" for what, _, _, _, fault in of_kind if fault]
                found = sum(1 for one in of_kind if one[3])
                good &= report(f"flips: {kind} of a node that was {judge.name}: {found} of {len(of_kind)} found", "; ".join(faults))
            unseen = [one for one in results if not one[3]]
            fault = judge.harmless([change for _, _, change, _, _ in unseen])
            if fault:
                fault += "; of these: " + "; ".join(what for what, _, change, _, _ in unseen if judge.harmless([change]))
            good &= report(f"flips: what was not found in a node that was {judge.name} is harmless", fault)
        for what, path, _, found, fault in tried(judge, list(losses(states, judge)), workers):
            good &= report(f"flips: {what}", fault if found else "not found")
    return good


with tempfile.TemporaryDirectory(prefix="salus-flips-") as folder:
    sys.exit(0 if main(pathlib.Path(folder)) else 1)
