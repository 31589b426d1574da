"""What holds of one object by itself: genesis, era, certificate, block, transaction (the sections of those names)."""

import re

from cometbft import POWER_MAX, Trust, Untrusted
from crypto import fits, sha256, tagged, u32, u64, verifies
from log import Frontier
from messages import number_of
from wire import Malformed, decode, encode

VERSION = 1
CONTRACTS = range(1, 7)
TRANSACTION_BYTES_MAX = 524_288
COUNTED_AFTER_SUSPENSION_MS = 2_592_000_000
ZERO = bytes(32)
# Governance: floor and ceiling of each parameter, and its value at first.
PARAMETERS = {1: (51, 100, 67), 2: (3_600_000, 7_776_000_000, 1_209_600_000), 3: (28_800_000, 7_776_000_000, 604_800_000),
              4: (10, 1_000_000, 100), 5: (1_000, 15_000, 5_000), 6: (524_288, 4_000_000, 2_000_000), 7: (0, 1, 1), 8: (0, 1, 1), 9: (1_000_000, 4_194_304, 4_194_304)}
ORGANISATION, NODE, DEVICE, GRANT = (number_of("AccountKind", name) for name in ("organisation", "node", "device", "grant"))
SIGN = number_of("KeyUse", "sign")
JURISDICTION = re.compile("[A-Z]{2}(-[A-Z0-9]{1,3})?")
EMBEDDED = number_of("EngineKind", "embedded")
ACTIVE = number_of("MemberStatus", "active")


class Refused(Exception):
    """A rule does not hold; the text says which."""


def demand(holds, why):
    if not holds:
        raise Refused(why)


def parse(kind, data):
    try:
        return decode(kind, data)
    except Malformed as fault:
        raise Refused(f"{kind}: {fault}") from fault


# Accounts and genesis

def account_id(account):
    return tagged("salus.account.v1", encode(account))[:16]


def check_founding(account):
    demand(account.name, "an account without a name")
    demand(account["kind"] in (ORGANISATION, NODE, DEVICE), "an account of a kind that is not founded")
    demand((account.owner is None) == (account["kind"] == ORGANISATION), "the owner does not suit the kind")
    keys = [(key.suite, key.public_key) for key in account["keys"]]
    demand(1 <= len(keys) <= 16 and len(set(keys)) == len(keys), "no keys, too many, or one twice")
    demand(any(key.use == SIGN for key in account["keys"]), "no key that signs")
    demand(all(fits(*key) for key in keys), "a key that does not fit its suite")


def check_genesis(data):
    """Returns the genesis of these bytes and the network's id."""
    genesis = parse("Genesis", data)
    demand(genesis.version == VERSION, "genesis: another version")
    demand(genesis.name and genesis.members, "genesis: no name or no member")
    accounts, keys = set(), []
    for member in genesis.members:
        account = member.account
        check_founding(account)
        demand(account["kind"] == ORGANISATION, "genesis: a member that is no organisation")
        demand(account_id(account) == member.admission.account, "genesis: a member under another id")
        demand(JURISDICTION.fullmatch(member.admission.jurisdiction), "genesis: a member without a jurisdiction")
        demand(member.admission.account not in accounts, "genesis: a member twice")
        accounts.add(member.admission.account)
        keys += [(key.suite, key.public_key) for key in account["keys"]]
    era = genesis.era
    demand(era.era == era.first_height == 1 and era.parent_hash == ZERO and not era.signatures, "genesis: not a first era")
    check_validators(era, accounts)
    keys += [(validator.key.suite, validator.key.public_key) for validator in era.validators]
    demand(len(set(keys)) == len(keys), "genesis: a key twice")
    named = [entry.parameter for entry in genesis.parameters]
    demand(len(set(named)) == len(named), "genesis: a parameter twice")
    for entry in genesis.parameters:
        floor, ceiling, _ = PARAMETERS[entry.parameter]
        demand(floor <= entry.value <= ceiling, "genesis: a parameter out of bounds")
    for policy in genesis.policies:
        demand(JURISDICTION.fullmatch(policy.jurisdiction) and policy.version and policy.document, "genesis: an empty policy")
    jurisdictions = [policy.jurisdiction for policy in genesis.policies]
    demand(len(set(jurisdictions)) == len(jurisdictions), "genesis: two policies of one jurisdiction")
    return genesis, tagged("salus.genesis.v1", data)


# Eras and certificates

def check_validators(record, active):
    """Rule 2 of "Era"; `active` are the organisations that are active members."""
    if record.engine == EMBEDDED:
        demand(len(record.validators) == 1 and not record.chain_id, "era: not one operator, or a chain id")
    else:
        demand(record.validators and record.chain_id, "era: no validator or no chain id")
        demand(sum(validator.power for validator in record.validators) <= POWER_MAX, "era: too much power")
    keys = [(validator.key.suite, validator.key.public_key) for validator in record.validators]
    demand(all(fits(*key) for key in keys) and len(set(keys)) == len(keys), "era: a key that does not fit, or twice")
    demand(all(validator.power for validator in record.validators), "era: a validator without power")
    demand(all(validator.organisation in active for validator in record.validators), "era: a validator of no active member")


def era_hash(record):
    return tagged("salus.era.v1", encode(record, without="signatures"))


def check_succession(record, previous, parent):
    """Rule 1 of "Era"."""
    demand(record.era == previous.era + 1 and parent.era == previous.era, "era: the number is not the next")
    demand(record.first_height == parent.height + 1, "era: does not begin behind its parent")
    demand(record.parent_hash == block_hash(parent), "era: another parent")


def check_signatories(record, members, threshold, accounts, time_ms):
    """Rules 2 to 4 of "Era": members are (id, MemberState), accounts is id -> AccountState, of the state behind the parent."""
    active = {member for member, state in members if state.status == ACTIVE}
    check_validators(record, active)
    signed = [signature.member for signature in record.signatures]
    demand(all(before < after for before, after in zip(signed, signed[1:])), "era: signatures do not ascend")
    said = b"salus.erasig.v1" + era_hash(record)
    for signature in record.signatures:
        demand(signature.member in active and signature.member in accounts, "era: signed by no active member")
        key = signature.key
        demand(any((known.use, known.suite, known.public_key) == (SIGN, key.suite, key.public_key)
                   for known in accounts[signature.member]["keys"]), "era: signed by a key that is not the member's")
        demand(verifies(key.suite, key.public_key, signature.signature, said), "era: a signature does not verify")
    counted = sum(state.status == ACTIVE or time_ms < state.suspended_ms + COUNTED_AFTER_SUSPENSION_MS
                  for _, state in members)
    demand(100 * len(signed) >= threshold * counted, "era: too few members signed")


class Certificates:
    """The certificates of one era, each checked by what those before it made known."""

    def __init__(self, record):
        self.record, self.trust = record, None

    def follow(self, certificate, app_hash=None):
        demand(self.record.engine != EMBEDDED, "certificate: not of the engine of its era")
        try:
            self.trust = self.trust or Trust(self.record)
            self.trust.follow(certificate, app_hash)
        except Untrusted as fault:
            raise Refused(str(fault)) from fault

    def check(self, certificate, header):
        demand(header.era == self.record.era, "certificate: not of this era")
        demand(header.height >= self.record.first_height, "certificate: below the era")
        if certificate.by.kind == "CometBftCertificate":
            self.follow(certificate.by, block_hash(header))
        else:
            check_operator(certificate.by, header, self.record)


def check_certificate(certificate, header, record, validator_changes):
    certificates = Certificates(record)
    for change in validator_changes:
        certificates.follow(change)
    certificates.check(certificate, header)


def check_operator(by, header, record):
    demand(record.engine == EMBEDDED and len(record.validators) == 1, "certificate: not of the engine of its era")
    demand(by.operator_key == record.validators[0].key, "certificate: not the operator's key")
    said = b"salus.certificate.v1" + header.network_id + u64(header.era) + u64(header.height) + block_hash(header)
    demand(verifies(by.operator_key.suite, by.operator_key.public_key, by.signature, said), "certificate: does not verify")


# Blocks and transactions

def block_hash(header):
    return tagged("salus.block.v1", encode(header))


def check_transaction(data, version, network):
    """Returns (id, body) of a transaction that is not malformed."""
    demand(len(data) <= TRANSACTION_BYTES_MAX, "transaction: too large")
    signed = parse("SignedTransaction", data)
    body = parse("TransactionBody", signed.body)
    demand(body.version == version, "transaction: another version")
    demand(body.network_id == network, "transaction: of another network")
    demand(body.contract in CONTRACTS, "transaction: no such contract")
    signers = [(signer.suite, signer.public_key) for signer in body.signers]
    demand(signers and len(signers) == len(signed.signatures), "transaction: not one signature a signer")
    demand(all(before < after for before, after in zip(signers, signers[1:])), "transaction: signers do not ascend")
    for (suite, key), signature in zip(signers, signed.signatures):
        demand(verifies(suite, key, signature, b"salus.sig.v1" + signed.body), "transaction: a signature does not verify")
    return tagged("salus.tx.v1", signed.body), body


def transaction_leaf(identity, valid_until_ms, data):
    return identity + u64(valid_until_ms) + sha256(data)


def system_id(height, index, data):
    return tagged("salus.system.v1", u64(height), u32(index), data)


# State

def logged(frontier):
    """The log of a LogFrontier."""
    log = Frontier(frontier.count, frontier.peaks)
    demand(log.well_formed(), "a frontier with another number of peaks than its count has bits")
    return log
