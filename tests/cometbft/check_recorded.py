#!/usr/bin/python3
"""The second verifier on what a real CometBFT recorded: it follows, and with any one bit flipped it does not."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "verifier"))

try:
    from cometbft import Trust, Untrusted
    from wire import Malformed, decode
except ImportError as missing:
    print(f"skip cometbft: {missing}: run scripts/install.sh test")
    sys.exit(77)

IN_ORDER = ("all", "nil", "absent", "announced", "changed", "later", "again")


def recorded(name):
    return (HERE / "recorded" / name).read_bytes()


def follows(era, certificates):
    trust = Trust(era)
    try:
        for data in certificates:
            trust.follow(decode("CometBftCertificate", data))
    except (Malformed, Untrusted):
        return False
    return True


def flipped(data):
    for bit in range(8 * len(data)):
        yield data[:bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1:]


def main():
    era = decode("EraRecord", recorded("era"))
    files = {name: recorded(name) for name in IN_ORDER}
    by_height = sorted(files.values(), key=lambda data: decode(
        "CometBftHeader", decode("CometBftCertificate", data).header).height)
    assert follows(era, by_height), "what was recorded does not follow"
    assert not follows(era, reversed(by_height)), "heights that descend follow"
    for name in ("nil", "absent", "changed"):
        assert follows(era, [files[name]]), name
        assert not any(follows(era, [bad]) for bad in flipped(files[name])), f"{name}: good with a bit flipped"


if __name__ == "__main__":
    main()
