"""A disk under the node that is full, or fails, or is slow, when a check says so; and what clients do meanwhile."""

import contextlib
import json
import mmap
import os
import pathlib
import shutil
import struct
import subprocess
import threading
import time
import urllib.error
import urllib.request

SOURCE = pathlib.Path(__file__).with_name("failing_disk.c")
ORDERS = struct.Struct("=iiii496s")


def compiled(folder):
    """The library of failing_disk.c, or nothing where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang-16")
    if not compiler:
        return None
    library = folder / "failing_disk.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-D_GNU_SOURCE", "-o", library, SOURCE, "-ldl"], check=True)
    return library


class FailingDisk:
    """What a program that is started in `environment` sees of its disk. with FailingDisk(...) as disk: ..."""

    def __init__(self, library, folder):
        self.file = folder / "orders"
        self.file.write_bytes(bytes(ORDERS.size))
        self.environment = {**os.environ, "LD_PRELOAD": str(library), "FAILING_DISK": str(self.file)}
        with open(self.file, "r+b") as file:
            self.orders = mmap.mmap(file.fileno(), ORDERS.size)

    def order(self, path, sync_error=0, write_error=0, delay_ms=0):
        """From now on, of files with `path` in their names. Errors as errno has them."""
        ORDERS.pack_into(self.orders, 0, sync_error, write_error, delay_ms, 0, path.encode())

    def mend(self):
        self.order("")

    @property
    def met(self):
        """How many operations were as the last order says."""
        return ORDERS.unpack_from(self.orders)[3]


@contextlib.contextmanager
def tmpfs(place, size):
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], check=True, capture_output=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=False)


def fill(folder):
    """Takes all the space there is; returns the file that has it."""
    ballast = folder / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * size)
    return ballast


class Writers:
    """Clients that create patients, one after another each, and remember what they were told. with Writers(node) as writers: ..."""

    COUNT = 4

    def __init__(self, node, slug="hospital-a"):
        self.base, self.token = node.fhir(slug), node.token(slug)
        self.name = f"w{time.monotonic_ns()}"
        self.acknowledged, self.in_doubt, self.refusals = [], [], []
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(i,)) for i in range(self.COUNT)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def work(self, number):
        count = 0
        while not self.stopping.is_set():
            count += 1
            identifier = f"{self.name}-{number}-{count}"
            try:
                self.create(identifier)
            except urllib.error.HTTPError as refusal:
                said = refusal.read()
                with self.lock:
                    self.refusals.append((identifier, refusal.code, dict(refusal.headers), said))
                time.sleep(0.05)
            except OSError:  # the node has gone, and whether it took this one it did not say
                with self.lock:
                    self.in_doubt.append(identifier)
                return
            else:
                with self.lock:
                    self.acknowledged.append(identifier)

    def create(self, identifier):
        patient = {"resourceType": "Patient", "identifier": [{"system": "urn:disk", "value": identifier}]}
        request = urllib.request.Request(
            f"{self.base}/Patient", data=json.dumps(patient).encode(), method="POST",
            headers={"authorization": f"Bearer {self.token}", "content-type": "application/fhir+json"})
        with urllib.request.urlopen(request, timeout=60):
            pass

    def faults(self, node, slug="hospital-a"):
        """What of the acknowledged is not there once, and what of the rest is there more than once."""
        token = node.token(slug)
        faults = []
        for identifier in self.acknowledged + self.in_doubt + [one[0] for one in self.refusals]:
            request = urllib.request.Request(f"{self.base}/Patient?identifier=urn:disk%7C{identifier}",
                                             headers={"authorization": f"Bearer {token}"})
            with urllib.request.urlopen(request, timeout=60) as answer:
                total = json.loads(answer.read())["total"]
            if total > 1 or (total == 0 and identifier in self.acknowledged):
                faults.append(f"{identifier} is there {total} times")
        return faults

