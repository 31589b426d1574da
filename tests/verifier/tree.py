"""The state tree and its proofs: docs/protocol.md, "State tree"."""

from crypto import sha256, tagged, u16

EMPTY = bytes(32)


def path_of(contract, key):
    return tagged("salus.key.v1", u16(contract), key)


def leaf_hash(path, value_hash):
    return sha256(b"\x00", path, value_hash)


def bit(data, index):
    return data[index // 8] >> 7 - index % 8 & 1


def proves(root, path, value, proof):
    """Whether `proof` shows under `root` that `path` has `value`, or none where that is None."""
    depth, bits = proof.depth, len(proof.empty) * 8
    if depth > 256 or proof.empty.endswith(b"\x00"):
        return False
    empty = [index < bits and bit(proof.empty, index) == 1 for index in range(depth)]
    if any(bit(proof.empty, index) for index in range(depth, bits)) or depth > 0 and empty[-1]:
        return False
    if len(proof.siblings) + sum(empty) != depth or EMPTY in proof.siblings:
        return False
    if (proof.other_path is None) != (proof.other_value_hash is None):
        return False
    node = EMPTY
    if proof.other_path is not None:
        same_way = all(bit(proof.other_path, index) == bit(path, index) for index in range(depth))
        if value is not None or proof.other_path == path or not same_way:
            return False
        node = leaf_hash(proof.other_path, proof.other_value_hash)
    elif value is not None:
        node = leaf_hash(path, sha256(value))
    siblings = list(proof.siblings)
    for index in reversed(range(depth)):
        sibling = EMPTY if empty[index] else siblings.pop()
        node = sha256(b"\x01", sibling, node) if bit(path, index) else sha256(b"\x01", node, sibling)
    return node == root
