"""A node that a check has to itself: how it is made, started, asked for tokens and stopped stands only here.

SALUS_BINARY names another program than build/release/salus.
"""

import json
import os
import pathlib
import random
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
SALUS = pathlib.Path(os.environ.get("SALUS_BINARY", ROOT / "build/release/salus"))
START_SECONDS_MAX = 60


def free_port():
    """Below those that the system gives to clients: another check may run beside this one, and open thousands."""
    while True:
        port = random.randrange(15_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def until(holds, seconds=30):
    """Whether it comes true; nothing is timed by it, but nothing waits for ever."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def oracle(name):
    """The folder that scripts/install_oracles.sh made for VALIDATOR_JARS, PYTHON_PACKAGES or NODE_PACKAGES."""
    command = f'root="{ROOT}"; . "$root/scripts/oracle_paths.sh"; printf %s "${name}"'
    folder = pathlib.Path(subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout)
    if not folder.is_dir():
        print(f"skip {name}: run scripts/install.sh test")
        sys.exit(77)
    return folder


class LiveNode:
    """A network in a new folder, of the demo's four organisations or of those named to `salus init`; with LiveNode() as node: ...

    `settings`: numbers for node.toml. `place`: where the node's folder is made, when not beside its log. `environment`: of the
    node alone.
    """

    def __init__(self, *organisations, settings=None, place=None, environment=None):
        self.organisations = organisations or ["--demo"]
        self.settings = settings or {}
        self.environment = environment
        self.folder = tempfile.TemporaryDirectory(prefix="salus-live-")
        self.directory = pathlib.Path(place or self.folder.name) / "node"
        self.url = f"http://127.0.0.1:{free_port()}"
        self.process = None

    def __enter__(self):
        self.run("init", "--dir", self.directory, *self.organisations, "--listen", self.url.removeprefix("http://"))
        self.configure(self.settings)
        self.log = open(pathlib.Path(self.folder.name) / "log", "w+b")
        self.start()
        return self

    def configure(self, settings):
        """Numbers for node.toml instead of what it has; they count from the next start."""
        file = self.directory / "node.toml"
        kept = [line for line in file.read_text().splitlines() if line.split(" = ")[0] not in settings]
        file.write_text("\n".join([*(f"{key} = {value}" for key, value in settings.items()), *kept, ""]))

    def start(self, open_files=None):
        """`open_files`: how many the node may have."""
        limit = open_files and (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files)))
        self.process = subprocess.Popen([SALUS, "node", "--dir", self.directory], stdout=self.log, stderr=subprocess.STDOUT,
                                        preexec_fn=limit, env=self.environment)
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self.healthy():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the node did not start:\n{self.log_text()}")
            time.sleep(0.05)

    def stop(self):
        """As an operator stops it; returns the exit code."""
        self.process.terminate()
        return self.process.wait(60)

    def kill(self):
        self.process.kill()
        self.process.wait(60)

    def __exit__(self, kind, *_):
        code = self.stop() if self.process.poll() is None else 0
        if kind is None and code != 0:
            raise RuntimeError(f"the node ended with {code} when it was asked to stop:\n{self.log_text()}")
        self.log.close()
        self.folder.cleanup()

    def healthy(self):
        try:
            with urllib.request.urlopen(self.url + "/health", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def log_text(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")[-4000:]

    def run(self, *arguments):
        """Runs `salus ARGUMENTS --json` and returns the object it prints."""
        ended = subprocess.run([SALUS, *map(str, arguments), "--json"], capture_output=True, text=True, check=False)
        if ended.returncode != 0:
            raise RuntimeError(f"salus {arguments[0]} ended with {ended.returncode}: {ended.stdout}{ended.stderr}")
        return json.loads(ended.stdout)

    def organisation(self, slug):
        """The flags by which a command acts as that organisation."""
        return ["--node", self.url, "--as", self.directory / "orgs" / slug]

    def fhir(self, slug):
        return f"{self.url}/orgs/{slug}/fhir/R4"

    def token(self, slug):
        """A bearer token of five minutes."""
        return self.run("keys", "token", *self.organisation(slug))["access_token"]


def report(name, fault=""):
    """One line for ./test to count."""
    print(f"not ok {name}: {fault}" if fault else f"ok {name}", flush=True)
    return not fault
