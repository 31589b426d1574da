"""Merkle logs: docs/protocol.md, "Merkle logs" (RFC 9162, 2.1)."""

from crypto import sha256


def leaf_hash(data):
    return sha256(b"\x00", data)


def inner_hash(left, right):
    return sha256(b"\x01", left, right)


class Frontier:
    """A log's count and the roots of its perfect subtrees, largest first."""

    def __init__(self, count=0, peaks=()):
        self.count, self.peaks = count, list(peaks)

    def well_formed(self):
        return len(self.peaks) == self.count.bit_count()

    def append(self, leaf):
        count = self.count
        while count & 1:
            leaf = inner_hash(self.peaks.pop(), leaf)
            count >>= 1
        self.peaks.append(leaf)
        self.count += 1

    def root(self):
        if not self.peaks:
            return sha256()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = inner_hash(peak, root)
        return root


def root_of(leaves):
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf_hash(leaf))
    return frontier.root()


def path_of(hashes, index):
    """The inclusion path of one leaf hash (RFC 9162, 2.1.3.1)."""
    if len(hashes) <= 1:
        return []
    split = 1 << (len(hashes) - 1).bit_length() - 1
    halves = (hashes[:split], hashes[split:])
    side = int(index >= split)
    other = Frontier()
    for leaf in halves[1 - side]:
        other.append(leaf)
    return [*path_of(halves[side], index - split * side), other.root()]


def includes(root, count, index, leaf, path):
    """RFC 9162, 2.1.3.2."""
    if index >= count:
        return False
    first, last = index, count - 1
    for sibling in path:
        if last == 0:
            return False
        if first & 1 or first == last:
            leaf = inner_hash(sibling, leaf)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            leaf = inner_hash(leaf, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and leaf == root
