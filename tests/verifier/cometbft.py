"""Certificates of CometBFT: docs/protocol.md, "Certificates of CometBFT"; the numbers are those of its list."""

from crypto import ED25519, sha256, verifies
from log import root_of
from messages import number_of
from wire import Malformed, Message, decode, encode, write_varint

POWER_MAX = 2**60 - 1
FIRST_SECOND, END_SECOND = -62_135_596_800, 253_402_300_800
ABSENT, COMMIT = (number_of("CometBftVoteFlag", name) for name in ("absent", "commit"))
HASHES = ("last_commit_hash", "data_hash", "validators_hash", "next_validators_hash", "consensus_hash", "app_hash",
          "last_results_hash", "evidence_hash", "proposer_address")


class Untrusted(Exception):
    """A certificate that vouches for nothing; the text says why."""


def require(holds, why):
    if not holds:
        raise Untrusted(f"certificate: {why}")


def sized(key, data):
    return bytes([key]) + write_varint(len(data)) + data


def header_hash(header):
    def wrapped(data):
        return sized(0x0A, data) if data else b""

    height = b"\x08" + write_varint(header.height) if header.height else b""
    return root_of([encode(header.version), wrapped(header.chain_id.encode()), height, encode(header.time),
                    encode(header.last_block_id), *(wrapped(header[name]) for name in HASHES)])


def validators_hash(validators):
    return root_of([encode(Message("CometBftSimpleValidator", {"pub_key": one.pub_key, "voting_power": one.voting_power}))
                    for one in validators])


def address(key):
    return sha256(key)[:20]


def vote_bytes(chain_id, commit, vote):
    body = b"\x08\x02\x11" + commit.height.to_bytes(8, "little")
    if commit.round:
        body += b"\x19" + commit.round.to_bytes(8, "little")
    if vote.block_id_flag == COMMIT:
        body += sized(0x22, encode(commit.block_id))
    body += sized(0x2A, encode(vote.timestamp)) + sized(0x32, chain_id.encode())
    return write_varint(len(body)) + body


def check_time(time):
    seconds = time.seconds - (1 << 64) if time.seconds >> 63 else time.seconds
    require(FIRST_SECOND <= seconds < END_SECOND and time.nanos < 10**9, "no time")


def check_set(validators):
    """Rule 3; returns {key: power}."""
    powers = {one.pub_key.ed25519: one.voting_power for one in validators}
    require(powers and len(powers) == len(validators), "no validator, or one twice")
    require(all(one.address == address(one.pub_key.ed25519) for one in validators), "an address that is not of its key")
    require(all(powers.values()) and sum(powers.values()) <= POWER_MAX, "a validator without power, or too much of it")
    return powers


def check_vote(chain_id, commit, vote, validator):
    if vote.block_id_flag == ABSENT:
        time = vote.timestamp
        require(not vote.validator_address and not vote.signature and (time.seconds, time.nanos) == (FIRST_SECOND % (1 << 64), 0),
                "an absent vote that says something")
        return
    check_time(vote.timestamp)
    require(vote.validator_address == validator.address, "a vote by another validator than that of its place")
    require(verifies(ED25519, validator.pub_key.ed25519, vote.signature, vote_bytes(chain_id, commit, vote)),
            "a vote whose signature does not verify")


class Trust:
    """Who is trusted in an era, as of an engine height."""

    def __init__(self, record):
        require(all(one.key.suite == ED25519 and len(one.key.public_key) == 32 for one in record.validators), "a key of another suite")
        validators = [Message("CometBftValidator", {
            "address": address(one.key.public_key), "voting_power": one.power, "proposer_priority": 0,
            "pub_key": Message("CometBftPublicKey", {"ed25519": one.key.public_key})}) for one in record.validators]
        validators.sort(key=lambda one: (-one.voting_power, one.address))
        self.chain_id, self.height = record.chain_id, 0
        self.powers, self.announced = check_set(validators), validators_hash(validators)

    def follow(self, certificate, app_hash=None):
        """Raises Untrusted where the certificate does not follow; then nothing has changed."""
        try:
            header = decode("CometBftHeader", certificate.header)
            commit = decode("CometBftCommit", certificate.commit)
            validators = decode("CometBftValidatorSet", certificate.validators).validators
        except Malformed as fault:
            raise Untrusted(f"certificate: {fault}") from fault
        require(header.chain_id == self.chain_id, "of another chain")
        require(1 <= header.height < 2**63, "no height")
        check_time(header.time)
        require(commit.height == header.height and commit.round < 2**31, "a commit of another height, or of no round")
        require(commit.block_id.hash == header_hash(header), "a commit for another header")
        require(header.validators_hash == validators_hash(validators), "other validators than the header's")
        powers = check_set(validators)
        require(len(commit.signatures) == len(validators), "not one vote for each validator")
        require(app_hash is None or header.app_hash == app_hash, "its header carries another block")
        require(header.height > self.height, "not above what is trusted")
        adjacent = header.height == self.height + 1
        require(not adjacent or header.validators_hash == self.announced, "validators that were not announced")
        for vote, validator in zip(commit.signatures, validators):
            check_vote(self.chain_id, commit, vote, validator)
        voted = [one.pub_key.ed25519 for vote, one in zip(commit.signatures, validators) if vote.block_id_flag == COMMIT]
        require(3 * sum(powers[key] for key in voted) > 2 * sum(powers.values()), "not more than two thirds of the power")
        trusted = sum(self.powers.get(key, 0) for key in voted)
        require(adjacent or 3 * trusted > sum(self.powers.values()), "not more than one third of the trusted power")
        self.height, self.powers, self.announced = header.height, powers, header.next_validators_hash
