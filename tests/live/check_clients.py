#!/usr/bin/env python3
"""Hostile and clumsy clients at a live node: silent, slow, cut off, garbled, too many.

It stays small, serves others meanwhile and does nothing by halves.
"""

import base64
import hashlib
import http.server
import json
import os
import pathlib
import re
import resource
import select
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from live_node import LiveNode, report, until

MIB = 1 << 20
IDLE_CONNECTIONS = 10_000
CONNECTIONS = 200
BODY_BYTES = 4 * MIB
TOTAL_BYTES = 16 * MIB
QUEUE = 10_000
OPEN_FILES = 512
TIMEOUT = 2  # the node's, in seconds
PATIENCE = 30  # of ours: nothing here is timed, but nothing waits for ever
SETTINGS = {"connections_max": CONNECTIONS, "body_bytes_max": BODY_BYTES, "body_bytes_total_max": TOTAL_BYTES,
            "answer_bytes_total_max": TOTAL_BYTES, "read_timeout_ms": TIMEOUT * 1000, "write_timeout_ms": TIMEOUT * 1000,
            "idle_timeout_ms": TIMEOUT * 1000, "queue_transactions_max": QUEUE,
            "workers": 4}
RESET = struct.pack("ii", 1, 0)

good = True


def check(name, fault=""):
    global good
    good &= report(f"clients: {name}", fault)


class Target:
    """A node as a client sees it that speaks through bare sockets, and what the system says of its process."""

    def __init__(self, node):
        self.node, self.pid = node, node.process.pid
        self.port = urllib.parse.urlsplit(node.url).port

    def connect(self, number=0, receive_bytes=None):
        peer = socket.socket()
        peer.settimeout(PATIENCE)
        if receive_bytes:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        peer.bind((f"127.0.0.{2 + number % 8}", 0))
        peer.connect(("127.0.0.1", self.port))
        return peer

    def talk(self, data):
        """All that comes back for `data`, after which we end our side."""
        with self.connect() as peer:
            send(peer, data)
            end(peer)
            return receive(peer)

    def files(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def memory(self, field="VmRSS"):
        """In bytes."""
        return int(re.search(rf"{field}:\s+(\d+) kB", pathlib.Path(f"/proc/{self.pid}/status").read_text())[1]) * 1024

    def begin_peak(self):
        """From here VmHWM counts."""
        pathlib.Path(f"/proc/{self.pid}/clear_refs").write_text("5")
        return self.memory()

    def serves(self):
        """The fault, if another client is not answered at once."""
        said = statuses(self.talk(request("GET", "/v1/status")))
        return "" if said == [200] else f"another client is answered {said}"


def send(peer, data):
    """What the node does not want any more is not our fault."""
    try:
        peer.sendall(data)
        return True
    except OSError:
        return False


def end(peer):
    try:
        peer.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def receive(peer):
    """All until the node ends the connection; None where it does not."""
    out = b""
    try:
        while piece := peer.recv(1 << 16):
            out += piece
    except socket.timeout:
        return None
    except OSError:
        pass
    return out


def statuses(answers):
    return None if answers is None else [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", answers)]


def request(method, path, headers="", body=b""):
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: h\r\n{headers}{length}\r\n".encode() + body


def chunked(head, body):
    return f"{head}Transfer-Encoding: chunked\r\n\r\n{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"


class Hospital:
    """What one organisation's API is asked for, by a well-behaved client."""

    def __init__(self, node):
        self.node, self.base, self.token = node, node.fhir("hospital-a"), node.token("hospital-a")
        self.path = urllib.parse.urlsplit(self.base).path
        self.headers = f"Authorization: Bearer {self.token}\r\nContent-Type: application/fhir+json\r\n"

    def ask(self, path, body=None):
        asked = urllib.request.Request(f"{self.base}{path}", data=body and json.dumps(body).encode(), headers={
            "authorization": f"Bearer {self.token}", "content-type": "application/fhir+json"})
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
            return json.load(answer)

    def count(self, query):
        return self.ask(f"/{query}{'&' if '?' in query else '?'}_summary=count")["total"]

    def named(self, value):
        return self.count(f"Patient?identifier=urn:salus:test|{value}")


def patient(value, text=""):
    made = {"resourceType": "Patient", "identifier": [{"system": "urn:salus:test", "value": value}]}
    if text:
        made["text"] = {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{text}</div>'}
    return made


def bundle(*resources):
    return {"resourceType": "Bundle", "type": "transaction", "entry": [
        {"fullUrl": f"urn:uuid:00000000-0000-4000-8000-{number:012}", "resource": one,
         "request": {"method": "POST", "url": one["resourceType"]}} for number, one in enumerate(resources)]}


def captured_transaction(node, folder):
    """A transaction that `salus org register` has signed, and that the node has not seen."""
    caught = []

    class Proxy(http.server.BaseHTTPRequestHandler):
        def pass_on(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if self.path == "/v1/transactions":
                caught.append(json.loads(body))
                self.send_error(503)
                return
            asked = urllib.request.Request(node.url + self.path, data=body or None, method=self.command)
            with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
                text = answer.read()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = pass_on

        def log_message(self, *_):
            pass

    key = pathlib.Path(folder) / "device.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True, stderr=subprocess.DEVNULL)
    key.chmod(0o600)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        try:
            node.run("org", "register", "Fridge 7", "--node", f"http://127.0.0.1:{proxy.server_port}",
                     "--as", node.directory / "orgs/hospital-a", "--kind", "device", "--key", key)
        except RuntimeError:
            pass  # as it must, without an answer
        proxy.shutdown()
    return caught[0]


def check_idle(node):
    """Ten thousand that say nothing, the node's default limit of connections, and one more."""
    name = f"{IDLE_CONNECTIONS} idle connections"
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < IDLE_CONNECTIONS + 5_000:
        print(f"skip clients: {name}: a process may open {hard} files only")
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    target = Target(node)
    files, memory = target.files(), target.memory()
    peers = [target.connect(number) for number in range(IDLE_CONNECTIONS)]
    held = until(lambda: target.files() >= files + IDLE_CONNECTIONS - 8)
    grown = target.memory() - memory
    check(f"{name} are held ({grown / MIB:.0f} MiB)", "" if held else f"{target.files() - files} files more")
    check(f"{name}: 16 KiB of memory each at most", "" if grown <= IDLE_CONNECTIONS * 16384 else f"{grown / MIB:.0f} MiB")
    # Not one is free: each newcomer has the place of the one that has been silent longest.
    newcomers = [target.connect(number) for number in range(300)]
    answers = []
    for peer in newcomers:
        send(peer, request("GET", "/v1/status"))
        answers.append(peer.recv(4096))
    check(f"{name}: newcomers are served", "" if all(statuses(one) == [200] for one in answers) else
          next(one for one in answers if statuses(one) != [200])[:100].decode())
    gone = sum(bool(select.select([peer], [], [], 0)[0]) for peer in peers[:600])
    check(f"{name}: who has been silent longest gives way", "" if gone >= 290 else f"{gone} of the first are closed")
    check(f"{name}: files stay within the limit", "" if until(lambda: target.files() <= files + IDLE_CONNECTIONS + 8) else
          f"{target.files() - files} more")
    for peer in peers + newcomers:
        peer.close()
    check(f"{name}: every file is given back", "" if until(lambda: target.files() <= files + 8) else f"{target.files() - files} more")


def check_files(node):
    """More connections than there are files for: those of the chain are not among what they take."""
    target = Target(node)
    peers = [target.connect(number) for number in range(OPEN_FILES + 100)]
    settled = until(lambda: not select.select(peers[-1:], [], [], 0)[0] and target.files() >= OPEN_FILES // 2)
    room = OPEN_FILES - target.files()
    served = target.serves()
    check(f"{OPEN_FILES + 100} connections where {OPEN_FILES} files may be open leave the node its own",
          "" if settled and room >= 64 else f"{room} are left")
    check("others are served where files are few", served)
    # It writes its last table of the chain now.
    code = node.stop()
    check("a node that is full of connections ends well", "" if code == 0 else f"{code}: {node.log_text()[-300:]}")
    for peer in peers:
        peer.close()


def check_slow(target, hospital, large):
    """Each in its own way keeps the node waiting; all at once, and each is ended."""
    files = target.files()
    post = request("POST", f"{hospital.path}", hospital.headers, json.dumps(bundle(patient("slow"))).encode())
    read = request("GET", f"{hospital.path}/Patient/{large}", hospital.headers)
    middle = post.index(b"\r\n\r\n") + 20

    def drip(data):
        def run(peer):
            for byte in data:
                if not send(peer, bytes([byte])) or select.select([peer], [], [], 0.2)[0]:
                    return receive(peer)
            return None
        return run

    def say(data):
        def run(peer):
            send(peer, data)
            return receive(peer)
        return run

    def leave(data, how):
        def run(peer):
            send(peer, data)
            how(peer)
            return receive(peer)
        return run

    def reset(peer):
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        peer.close()

    # Each returns what it read until the node ended it.
    manners = {"silence": say(b""), "a head a byte at a time": drip(post[:200] * 20), "a head that stops": say(post[:40]),
               "a body a byte at a time": lambda peer: send(peer, post[:middle]) and drip(post[middle:middle + 200])(peer),
               "a body that stops": say(post[:-1]), "half closed in the head": leave(post[:40], end),
               "half closed in the body": leave(post[:-1], end), "reset in the head": leave(post[:40], reset),
               "reset in the body": leave(post[:-1], reset), "reset before the answer": leave(read, reset)}
    ended, threads = {}, {}
    for number, (name, manner) in enumerate(manners.items()):
        def run(name=name, manner=manner, number=number):
            with target.connect(number) as peer:
                ended[name] = manner(peer) is not None
        threads[name] = threading.Thread(target=run, daemon=True)
    readers = [target.connect(number, receive_bytes=4096) for number in range(4)]
    for thread in threads.values():
        thread.start()
    for reader in readers:
        send(reader, read)
    check("others are served beside slow ones", target.serves())
    for name, thread in threads.items():
        thread.join(2 * PATIENCE)
        check(f"{name} is ended by the node", "" if ended.get(name) else f"not after {PATIENCE} s")
    freed = until(lambda: target.files() <= files + 4)
    check("an answer that is never read is given up", "" if freed else f"{target.files() - files} files are held")
    for reader in readers:
        reader.close()
    check("nothing of the slow ones was done", "" if hospital.named("slow") == 0 else "a patient was stored")


def check_cuts(target, hospital, transaction):
    """Every beginning of a request does nothing, whether its sender ends or vanishes; the whole does it once."""
    stored = hospital.ask("/Patient", patient("read"))["id"]
    events = lambda: len(hospital.ask(f"/AuditEvent?patient={stored}").get("entry", []))
    # Blanks behind the JSON, and a chunk before the last: a node that takes a part for the whole has all it needs.
    text = json.dumps([transaction]).encode() + b"        "
    whole = {
        "a read": (request("GET", f"{hospital.path}/Patient/{stored}", hospital.headers), events, 1),
        "a bundle": (request("POST", hospital.path, hospital.headers,
                             json.dumps(bundle(patient("cut"), patient("cut"))).encode() + b"        "),
                     lambda: hospital.named("cut"), 2),
        "transactions": (chunked("POST /v1/transactions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n", text),
                         lambda: int(stands(target, transaction)), 1),
    }
    for name, (data, effects, expected) in whole.items():
        before = effects()
        step = effects() - before  # who looks into the audit is in it
        answered = []
        for size in range(len(data)):
            with target.connect(size) as peer:
                send(peer, data[:size])
                if size % 2:
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            said = statuses(target.talk(data[:size]))
            if said is None or any(code < 400 or code >= 500 for code in said):
                answered.append((size, said))
        after = effects()
        check(f"{name} cut at each of {len(data)} bytes is not answered", "" if not answered else str(answered[:5]))
        check(f"{name} cut at each byte does nothing", "" if after - before == 2 * step else f"{before} became {after}")
        answer = target.talk(data)
        check(f"{name} then sent whole is done", "" if statuses(answer) == [200] else answer[:300].decode(errors="replace"))
        done = effects()
        check(f"{name}: done once", "" if done - after == step + expected else f"{after} became {done}")


def stands(target, transaction):
    """Whether it stands in a block."""
    signed = base64.b64decode(transaction)
    # The SignedTransaction begins with the body: its tag, its length as a varint, its bytes.
    size, at = signed[1] & 0x7F, 2
    while signed[at - 1] & 0x80:
        size |= (signed[at] & 0x7F) << 7 * (at - 1)
        at += 1
    name = hashlib.sha256(b"salus.tx.v1" + signed[at:at + size]).hexdigest()
    return statuses(target.talk(request("GET", f"/v1/transactions/{name}"))) == [200]


def check_garbled(target, hospital):
    """Whatever a request may be hidden in: one refusal, and the connection ends."""
    create = lambda value: request("POST", f"{hospital.path}/Patient", hospital.headers, json.dumps(patient(value)).encode())
    hidden = create("smuggled")
    get = request("GET", "/v1/status")
    head = f"POST /v1/transactions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n".encode()
    # Each is followed by a request that another reading of it would carry out.
    refused = {
        "two Content-Length": head + b"Content-Length: 2\r\nContent-Length: %d\r\n\r\n[]" % (len(hidden) + 2),
        "a list of lengths": head + b"Content-Length: 2, 2\r\n\r\n[]", "a signed length": head + b"Content-Length: +2\r\n\r\n[]",
        "a length in hex": head + b"Content-Length: 0x2\r\n\r\n[]",
        "a length past 64 bits": head + b"Content-Length: 18446744073709551618\r\n\r\n[]",
        "length and chunks": head + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "chunks twice": head + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "chunks in another word": head + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "chunks, then identity": head + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "a blank before the colon": head + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "a folded line": head + b"X: a\r\n b\r\n\r\n", "a folded length": head + b"Content-Length:\r\n 2\r\n\r\n[]",
        "bare line feeds": head.replace(b"\r\n", b"\n") + b"\n", "a bare line feed": head + b"X: a\nY: b\r\n\r\n",
        "a bare carriage return": head + b"X: a\rY: b\r\n\r\n", "NUL in a header": head + b"X: a\0b\r\n\r\n",
        "NUL in the target": b"GET /v1/status\0 HTTP/1.1\r\nHost: h\r\n\r\n",
        "NUL in a name": head + b"X\0: a\r\n\r\n", "two hosts": head + b"Host: other\r\n\r\n",
        "no host": b"GET /v1/status HTTP/1.1\r\n\r\n", "a head of 5,000 headers": head + b"X: a\r\n" * 5000 + b"\r\n",
        "a head without end": b"GET /" + b"a" * 100_000,
        "a chunk of 2^63": head + b"Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n",
        "a chunk past 64 bits": head + b"Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\n[]\r\n0\r\n\r\n",
        "a chunk of no number": head + b"Transfer-Encoding: chunked\r\n\r\n-2\r\n[]\r\n0\r\n\r\n",
        "a chunk longer than it says": head + b"Transfer-Encoding: chunked\r\n\r\n1\r\n[]\r\n0\r\n\r\n",
        "a chunk extension without end": head + b"Transfer-Encoding: chunked\r\n\r\n2;" + b"a" * 100_000,
        "trailers without end": head + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: a\r\n" * 20_000,
        "chunks in HTTP/1.0": head.replace(b"HTTP/1.1", b"HTTP/1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/0.9": b"GET /v1/status\r\n", "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9),
        "TLS": b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + bytes(range(154)), "noise": bytes(range(256)) * 8,
        "dot segments": b"GET /v1/../orgs HTTP/1.1\r\nHost: h\r\n\r\n", "another method": b"G\xc3\x89T / HTTP/1.1\r\nHost: h\r\n\r\n",
    }
    # These name what is not spoken here (RFC 9110, 15.6); no other 5xx is an answer to bytes.
    not_spoken = {501, 505}
    wrong = {}
    for name, data in refused.items():
        for before in (b"", get):
            said = statuses(target.talk(before + data + hidden))
            if said is None or said[:len(before) > 0] != [200] * (len(before) > 0):
                wrong[name] = said
            elif (rest := said[len(before) > 0:]) and (len(rest) > 1 or not (400 <= rest[0] < 500 or rest[0] in not_spoken)):
                wrong[name] = said
    for name in refused:
        check(f"{name} is refused", f"answered {wrong[name]}" if name in wrong else "")
    check("nothing hidden in a garbled request was done", "" if hospital.named("smuggled") == 0 else "a patient was stored")

    valid = [create("pipelined-1"), get, create("pipelined-2")]
    said = statuses(target.talk(b"".join(valid) + b"\x7fELF garbage\r\n\r\n" + create("pipelined-3")))
    counts = [hospital.named(f"pipelined-{number}") for number in (1, 2, 3)]
    check("pipelined garbage ends what came before it, and what comes after is nothing",
          "" if said == [201, 200, 201, 400] and counts == [1, 1, 0] else f"{said}, {counts}")
    good_chunks = head + b"Transfer-Encoding: chunked\r\n\r\n2;name=value\r\n[]\r\n0\r\nX: trailer\r\n\r\n"
    said = statuses(target.talk(good_chunks + get))
    check("chunk extensions and trailers are passed over", "" if said == [400, 200] else str(said))  # 400: there is no transaction
    said = statuses(target.talk(b"GET /v1/status HTTP/1.0\r\n\r\n" + hidden))
    check("HTTP/1.0 is answered once", "" if said == [200] else str(said))
    check("others are served after garbage", target.serves())


def check_flood(target, hospital, transaction):
    """Bodies of the largest size on every connection that there may be."""
    body = json.dumps([transaction]).encode().ljust(BODY_BYTES)
    post = request("POST", "/v1/transactions", "Content-Type: application/json\r\n", body)
    before = target.begin_peak()
    peers = [target.connect(number) for number in range(CONNECTIONS)]
    threads = [threading.Thread(target=lambda part: [send(peer, post[:-1]) for peer in part], args=(peers[at::8],)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers = [peer.recv(4096) if select.select([peer], [], [], 0)[0] else b"" for peer in peers]
    busy = [one for one in answers if statuses(one) == [503]]
    others = target.serves()
    small = "" if hospital.node.token("hospital-a") else "no token"
    for peer in peers:
        peer.close()
    grown = target.memory("VmHWM") - before
    check(f"{CONNECTIONS} bodies of {BODY_BYTES // MIB} MiB: memory is bounded ({grown / MIB:.0f} MiB)",
          "" if grown <= 4 * TOTAL_BYTES else f"{grown / MIB:.0f} MiB, of bodies {TOTAL_BYTES / MIB:.0f} are permitted")
    check("a body too many is told 503 and when to come again",
          "" if busy and all(b"\r\nretry-after: " in one for one in busy) else f"{len(busy)} are")
    check("others are served beside the largest bodies", others or small)
    check("who waits as told is served", patient_client(target, post, body))


def patient_client(target, post, body):
    """The fault of a client that sends the same again when it is told to."""
    for _ in range(PATIENCE):
        answer = target.talk(post)
        if statuses(answer) == [200]:
            return ""
        after = re.search(rb"\r\nretry-after: (\d+)\r\n", answer or b"")
        if statuses(answer) not in ([429], [503]) or not after:
            return f"answered {(answer or b'')[:200]}"
        time.sleep(int(after[1]))
    return f"not after {PATIENCE} s"


def check_unread(target, hospital, large):
    """Large answers on many connections, none of them read."""
    read = request("GET", f"{hospital.path}/Patient/{large}", hospital.headers)
    files, before = target.files(), target.begin_peak()
    peers = [target.connect(number, receive_bytes=4096) for number in range(100)]
    for peer in peers:
        send(peer, read)
    heads = [peer.recv(1024) for peer in peers]
    others = target.serves()
    grown = target.memory("VmHWM") - before
    for peer in peers:
        peer.close()
    busy = [one for one in heads if statuses(one) == [503]]
    check(f"100 answers of {BODY_BYTES * 3 // 4 / MIB:.0f} MiB that nobody reads: memory is bounded ({grown / MIB:.0f} MiB)",
          "" if grown <= 8 * TOTAL_BYTES else f"{grown / MIB:.0f} MiB, of answers {TOTAL_BYTES / MIB:.0f} are permitted")
    check("an answer too many is told 503 and when to come again",
          "" if busy and all(b"\r\nretry-after: " in one for one in busy) else f"{len(busy)} are")
    check("others are served beside unread answers", others)
    given_back = until(lambda: target.files() <= files + 4)
    check("what was not read is given back", "" if given_back else f"{target.files() - files} files are held")
    check("who then asks again is answered", patient_client(target, read, b""))


def check_queue(target):
    """More transactions at once than may wait."""
    body = b"\x01\x00" * (QUEUE * 9 // 10)  # each of one byte, and malformed
    post = request("POST", "/v1/transactions", "Content-Type: application/x-salus-transactions\r\n", body)
    for _ in range(PATIENCE):
        peers = [target.connect(number) for number in range(16)]
        for peer in peers:
            send(peer, post[:-1])
        for peer in peers:
            send(peer, post[-1:])
            end(peer)
        answers = [receive(peer) or b"" for peer in peers]
        busy = [one for one in answers if statuses(one) == [503]]
        if busy:
            break
    check("a queue that is full says 503 and when to come again",
          "" if busy and all(b"\r\nretry-after: " in one for one in busy) else f"{[statuses(one) for one in answers]}")
    check("who waits as told is taken", patient_client(target, post, body))


def main():
    with LiveNode(settings=SETTINGS) as node, tempfile.TemporaryDirectory() as folder:
        target, hospital = Target(node), Hospital(node)
        transaction = captured_transaction(node, folder)
        check_cuts(target, hospital, transaction)
        hospital.ask("", bundle(patient("large", "a" * (BODY_BYTES * 3 // 4))))
        large = hospital.ask("/Patient?identifier=urn:salus:test|large&_elements=id")["entry"][0]["resource"]["id"]
        check_slow(target, hospital, large)
        check_garbled(target, hospital)
        check_flood(target, hospital, transaction)
        check_unread(target, hospital, large)
        check_queue(target)
        check("the node is well after it", "" if node.healthy() else node.log_text())
        check("it ends when it is asked to", "" if (code := node.stop()) == 0 else str(code))
        node.configure({key: value for key, value in SETTINGS.items() if "max" not in key and key != "workers"} |
                       {"connections_max": IDLE_CONNECTIONS, "idle_timeout_ms": 120_000})
        node.start(open_files=OPEN_FILES)
        check_files(node)
        node.start()
        check_idle(node)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
