#!/usr/bin/env python3
"""What a running node does when its disk is full, read-only, slow, or fails: a clear answer to clients, or an end with exit code 3 that
names the file; and once the disk is good, a start with all that was acknowledged, once."""

import contextlib
import errno
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

from failing_disk import FailingDisk, Writers, compiled, fill, tmpfs
from live_node import LiveNode, SALUS, report, until

ORGANISATIONS = ["--org", "hospital-a:hospital:A:US-MA", "--org", "hospital-b:hospital:B:US-MA"]
VAULT, KEYS = "orgs/hospital-a/vault/vault.db", "orgs/hospital-a/keystore/keystore.db"
CANNOT_RUN = 3
END_SECONDS_MAX = 30
NOBODY = 65534


def ended(node):
    """The exit code of a node that is to end by itself; nothing where it does not."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        return node.process.wait(END_SECONDS_MAX)
    return None


def tried_to_start(directory, **how):
    """The exit code of a node that should not start, and what it said."""
    process = subprocess.Popen([SALUS, "node", "--dir", directory, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, **how)
    try:
        said = process.communicate(timeout=END_SECONDS_MAX)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        said = process.communicate()[0]
    return process.returncode, said


def start_refused(name, node, file, **how):
    code, said = tried_to_start(node.directory, **how)
    fault = f"exit code {code}" if code != CANNOT_RUN else "" if str(file) in said else "the file is not named"
    return report(f"disk: {name}", f"{fault}: {said[-500:]}" if fault else "")


def end_named(name, node, file):
    """The node ends by itself, and its last line names `file`."""
    code = ended(node)
    if code != CANNOT_RUN:
        node.kill()
        return report(name, f"exit code {code}: {node.log_text()[-1000:]}")
    last = node.log_text().strip().split("\n")[-1]
    return report(name, "" if last.startswith("salus: ") and file in last else f"it does not name {file}: {last}")


def whole_again(name, node, *writers):
    """Starts the node, whose disk is good: all that was acknowledged is there, and the check finds nothing when it has stopped."""
    node.start()
    faults = [fault for one in writers for fault in one.faults(node)]
    with Writers(node) as more:
        served = until(lambda: len(more.acknowledged) > 3)
    good = report(f"{name}: all that was acknowledged is there once", "; ".join(faults[:5]))
    good &= report(f"{name}: it serves again", "" if served and not more.refusals else str(more.refusals[:1]))
    node.stop()
    checked = subprocess.run([SALUS, "check", "--dir", node.directory], capture_output=True, text=True, check=False)
    return good & report(f"{name}: the check finds nothing", "" if checked.returncode == 0 else checked.stdout + checked.stderr)


def ends_under_load(name, node, file, spoil):
    """While clients write, the disk fails as `spoil` makes it: the node ends, and nothing that it acknowledged is lost."""
    with Writers(node) as writers:
        until(lambda: len(writers.acknowledged) > 10)
        spoil()
        good = end_named(f"disk: {name}: it ends and names the file", node, file)
    return good, writers


def broken(room, library):
    """Errors of write and sync, of each store, in a process of its own each."""
    good = True
    disk = FailingDisk(library, room)
    with LiveNode(*ORGANISATIONS, environment=disk.environment) as node:
        for file in (VAULT, KEYS, VAULT + "-synced", "chain/"):
            for name, order in (("a sync fails", {"sync_error": errno.EIO}), ("a write fails", {"write_error": errno.EIO}),
                                ("read-only under it", {"write_error": errno.EROFS, "sync_error": errno.EROFS})):
                if (file == KEYS and name.startswith("read")) or ("synced" in file and name != "a write fails"):
                    continue  # nothing that the others do not show
                name = f"{file}: {name}"
                ended_well, writers = ends_under_load(name, node, str(node.directory / file).rstrip("/"),
                                                      lambda order=order, file=file: disk.order("/" + file, **order))
                disk.mend()
                good &= ended_well & whole_again(f"disk: {name}", node, writers)
                node.start()
        ended_well, writers = ends_under_load("full under the chain alone", node, f"{node.directory}/chain",
                                              lambda: disk.order("/chain/", write_error=errno.ENOSPC))
        disk.mend()
        good &= ended_well & whole_again("disk: full under the chain alone", node, writers)
        node.start()
    return good


def slow(room, library):
    good = True
    disk = FailingDisk(library, room)
    with LiveNode(*ORGANISATIONS, environment=disk.environment) as node:
        disk.order("/node/", delay_ms=200)
        with Writers(node) as writers:
            good &= report("disk: slow: writes are answered", "" if until(lambda: len(writers.acknowledged) > 8) else "none")
            good &= report("disk: slow: who asks for nothing that is written is served", "" if node.healthy() else "not healthy")
        good &= report("disk: slow: nothing is refused", str(writers.refusals[:1]) if writers.refusals or writers.in_doubt else "")
        good &= report("disk: slow: it was", "" if disk.met > 10 else f"{disk.met} syncs")
        code = node.stop()
        good &= report("disk: slow: it stops when it is asked to", "" if code == 0 else f"exit code {code}")
        disk.mend()
        good &= whole_again("disk: slow", node, writers)
    return good


def refused_as_full(refusal):
    _, status, headers, said = refusal
    if status != 503 or not headers.get("retry-after"):
        return f"{status} {headers}: {said}"
    return "" if b"disk is full" in said and b"/" + VAULT.encode() not in said else str(said)


def full(room):
    """A disk without space: writes are refused, and taken when there is space; or the node has ended, and names the file."""
    good = True
    with tmpfs(room / "small", "256m") as place, LiveNode(*ORGANISATIONS, place=place) as node:
        with Writers(node) as writers:
            until(lambda: len(writers.acknowledged) > 10)
            ballast = fill(place)
            until(lambda: writers.refusals or node.process.poll() is not None)
            if node.process.poll() is None:
                good &= report("disk: full: writes are refused with a time to come again, and no path",
                               refused_as_full(writers.refusals[0]))
                good &= report("disk: full: the log names the file", "" if VAULT in node.log_text() or KEYS in node.log_text() else node.log_text()[-500:])
                good &= report("disk: full: it is there", "" if node.healthy() else "not healthy")
                before = len(writers.acknowledged)
                ballast.unlink()
                good &= report("disk: full: writes are taken when there is space",
                               "" if until(lambda: len(writers.acknowledged) > before + 10) else "none")
                node.kill()
        if node.process.poll() != -9:
            good &= end_named("disk: full: it ends and names the file", node, str(place))
            ballast.unlink()
        good &= whole_again("disk: full", node, writers)
        ballast = fill(place)
        good &= start_refused("full: a start says so and names a file", node, node.directory)
        ballast.unlink()
        good &= whole_again("disk: full at a start", node, writers)
        good &= read_only(node, place)
        node.start()
    return good


def read_only(node, place):
    remount = ["mount", "-o", "remount,ro", place]
    if subprocess.run(remount, capture_output=True, check=False).returncode != 0:
        print("skip disk: mounted read-only: it cannot be mounted so")
        return True
    good = start_refused("mounted read-only: a start says so and names a file", node, node.directory)
    subprocess.run(["mount", "-o", "remount,rw", place], check=True)
    return good & whole_again("disk: mounted read-only", node)


def limited(node):
    """A limit on the size of files, which needs no root: EFBIG, in the same places."""
    def spoil():
        size = (node.directory / (VAULT + "-wal")).stat().st_size
        resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, (size + 10_000, size + 10_000))

    good, writers = ends_under_load("a limit on the size of files", node, str(node.directory), spoil)
    good &= whole_again("disk: a limit on the size of files", node, writers)
    good &= start_refused("a limit on the size of files: a start says so and names a file", node, node.directory,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
    return good & whole_again("disk: a limit on the size of files at a start", node, writers)


def not_to_be_written(node, room):
    """Files that the node's user may not write."""
    if os.geteuid() == 0:
        try:
            subprocess.run([SALUS, "--version"], user=NOBODY, capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            print("skip disk: files that may not be written: nobody may run the program here")
            return True
    good = True
    for file in (VAULT, KEYS, "chain"):
        copy = room / "unwritable"
        shutil.copytree(node.directory, copy)
        if os.geteuid() == 0:
            room.chmod(0o755)
            for path in [copy, *copy.rglob("*")]:
                os.chown(path, NOBODY, NOBODY)
        (copy / file).chmod(0o500 if (copy / file).is_dir() else 0o400)
        how = {"user": NOBODY, "group": NOBODY} if os.geteuid() == 0 else {}
        code, said = tried_to_start(copy, **how)
        fault = f"exit code {code}: {said[-500:]}" if code != CANNOT_RUN or str(copy / file) not in said else ""
        good &= report(f"disk: {file} may not be written: a start says so and names it", fault)
        (copy / file).chmod(0o700)
        shutil.rmtree(copy)
    return good


def main(room):
    good = True
    library = compiled(room)
    if library:
        good &= broken(room, library)
        good &= slow(room, library)
    else:
        print("skip disk: failing and slow: there is no C compiler")
    with LiveNode(*ORGANISATIONS) as node:
        good &= limited(node)
        good &= not_to_be_written(node, room)
        node.start()
    try:
        with tmpfs(room / "probe", "1m"):
            pass
    except (OSError, subprocess.CalledProcessError):
        print("skip disk: full, and mounted read-only: no file system may be mounted")
        return good
    return full(room) and good


def may_mount():
    """In a namespace of its own where that is what it takes."""
    if os.geteuid() != 0 and "SALUS_DISK_UNSHARED" not in os.environ and shutil.which("unshare") and \
            subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode == 0:
        os.environ["SALUS_DISK_UNSHARED"] = "1"
        os.execvp("unshare", ["unshare", "-rm", sys.executable, *sys.argv])


may_mount()
with tempfile.TemporaryDirectory(prefix="salus-disk-") as folder:
    sys.exit(0 if main(pathlib.Path(folder)) else 1)
