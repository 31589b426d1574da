"""Hashes with their tags, the frozen rule of signatures, HKDF: docs/protocol.md, "Hashes and signatures"."""

import functools
import hashlib
import hmac

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519 = 1
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
# The y of every point whose order divides 8 (RFC 8032's curve).
SMALL_ORDER = {0, 1, P - 1, *(int.from_bytes(bytes.fromhex(y), "little") for y in (
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"))}


def u16(value):
    return value.to_bytes(2, "big")


def u32(value):
    return value.to_bytes(4, "big")


def u64(value):
    return value.to_bytes(8, "big")


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def tagged(tag, *parts):
    return sha256(tag.encode(), *parts)


def fits(suite, public_key):
    """Whether a key, for whatever use, is one of a suite that version 1 knows, and of its length."""
    return suite == ED25519 and len(public_key) == 32


def good_point(data):
    """Canonical and not of small order; that it lies on the curve, OpenSSL checks."""
    y = int.from_bytes(data, "little") & (2**255 - 1)
    return y < P and y not in SMALL_ORDER


@functools.lru_cache(100_000)
def verifies(suite, public_key, signature, message):
    if not fits(suite, public_key) or len(signature) != 64:
        return False
    if int.from_bytes(signature[32:], "little") >= L or not good_point(public_key) or not good_point(signature[:32]):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def hmac_sha256(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def hkdf(key, info):
    """HKDF-SHA256 without salt, 32 bytes (RFC 5869: one block)."""
    return hmac_sha256(hmac_sha256(bytes(32), key), info + b"\x01")
