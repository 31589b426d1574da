"""A network whose keys are known here, for files that the demo leaves none of, and that no random change could sign.

A forged file is sound but for what chance decides: periods, criteria and places lie about their boundaries, and one message of
it may be changed before it is hashed and signed, so that just the rule about it is broken.
"""

import collections
import copy
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import log
import tree
from crypto import sha256, tagged, u64
from messages import MESSAGES
from forge_cometbft import CHAIN, ForgedValidators
from mutate import change_own
from rules import account_id, block_hash, era_hash
from spoils import SPOILS
from wire import VARINTS, Message, encode

GENESIS_MS = 1_800_000_000_000
BLOCK_MS = 2_000


def message(kind, /, **values):
    """A message with these fields, and defaults (of fixed length: zeros) for the rest."""
    for field in MESSAGES[kind]:
        if field.name in values or field.label == "one of":
            continue
        values[field.name] = ([] if field.label in ("repeated", "packed") else None if field.label == "optional" else
                              0 if field.type in VARINTS else "" if field.type == "string" else bytes(field.size or 0))
    return Message(kind, values)


class Key:
    """An Ed25519 key made of a name."""

    def __init__(self, name):
        self.secret = Ed25519PrivateKey.from_private_bytes(sha256(name.encode()))
        self.public = self.secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def signer(self):
        return message("Signer", suite=1, public_key=self.public)

    def account_key(self):
        return message("AccountKey", use=1, suite=1, public_key=self.public)

    def sign(self, *parts):
        return self.secret.sign(b"".join(parts))


KEYS = {name: Key(name) for name in ("a", "b", "c", "d", "first operator", "second operator", "control", "stranger",
                                   *(f"v{index}" for index in range(8)))}


class StateTree:
    """The tree of docs/protocol.md, "State tree", with its proofs."""

    def __init__(self, values):
        self.leaves = sorted((tree.path_of(contract, key), sha256(value)) for (contract, key), value in values.items())
        self.values = values

    def hash(self, leaves, depth):
        """Of a subtree; leaves ascend, so the first and the depth name it."""
        if len(leaves) <= 1:
            return tree.leaf_hash(*leaves[0]) if leaves else tree.EMPTY
        return sha256(b"\x01", *(self.hash([leaf for leaf in leaves if tree.bit(leaf[0], depth) == side], depth + 1)
                                 for side in (0, 1)))

    def root(self):
        return self.hash(self.leaves, 0)

    def prove(self, contract, key):
        path, leaves, depth, siblings = tree.path_of(contract, key), self.leaves, 0, []
        while len(leaves) > 1:
            other = [leaf for leaf in leaves if tree.bit(leaf[0], depth) != tree.bit(path, depth)]
            leaves = [leaf for leaf in leaves if tree.bit(leaf[0], depth) == tree.bit(path, depth)]
            depth += 1
            siblings.append(self.hash(other, depth))
        empty = bytearray((depth + 7) // 8)
        for index, sibling in enumerate(siblings):
            if sibling == tree.EMPTY:
                empty[index // 8] |= 0x80 >> index % 8
        proof = message("StateProof", depth=depth, empty=bytes(empty).rstrip(b"\0"),
                        siblings=[sibling for sibling in siblings if sibling != tree.EMPTY])
        if leaves and leaves[0][0] != path:
            proof["other_path"], proof["other_value_hash"] = leaves[0]
        present = (contract, key) in self.values
        return message("ProvenState", contract=contract, key=key, present=present,
                       value=self.values[contract, key] if present else b"", proof=proof)


class Forger:
    """Makes one file; `target` (a name, and which of that name) is the message that is changed, `risk` how often it goes wrong."""

    def __init__(self, random, target=None, risk=0.0):
        self.random, self.target, self.risk = random, target, risk
        self.state, self.made = {}, collections.Counter()
        self.validators = None  # of a later era under CometBFT

    # One message of the file may be changed here, before anything is derived from it.
    def make(self, name, kind, /, **values):
        return self.adopt(name, message(kind, **values))

    def adopt(self, name, made):
        if (name, self.made[name]) == self.target:
            made = copy.deepcopy(made)
            known = SPOILS.get(name)
            if known and self.likely(0.6):
                self.random.choice(known)(made)
            else:
                change_own(made, self.random)
        self.made[name] += 1
        return made

    def likely(self, chance=0.9):
        return self.random.random() < chance

    def slips(self, chance):
        return self.random.random() < chance * self.risk

    # Network and eras

    def found(self):
        members = []
        for name in "abcd":
            account = self.make("account", "FoundingAccount", kind=1, name=f"Hospital {name}", keys=[KEYS[name].account_key()])
            members.append(self.make("member", "GenesisMember", account=account, admission=self.make(
                "admission", "Admit", account=account_id(account), kind=1, jurisdiction="CH-ZH")))
        self.accounts = {name: member.admission.account for name, member in zip("abcd", members)}
        validator = self.make("validator", "Validator", key=KEYS["first operator"].signer(), power=1,
                              organisation=self.accounts["a"])
        self.first_era = self.make("first era", "EraRecord", era=1, first_height=1, engine=1, validators=[validator])
        genesis = self.make("genesis", "Genesis", version=1, name="forged", time_ms=GENESIS_MS, mode=2, era=self.first_era,
                            members=members, parameters=[message("SetParameter", parameter=1, value=75)],
                            policies=[message("GenesisPolicy", jurisdiction="CH-ZH", version=1, document=b"policy")],
                            salt=self.random.randbytes(16))
        self.founded, self.first_era = genesis, genesis.era
        self.genesis = encode(genesis)
        self.network = tagged("salus.genesis.v1", self.genesis)

    def header(self, height, **values):
        later = self.later_era and height > self.parent_height
        values.setdefault("tx_root", self.random.randbytes(32))
        values.setdefault("receipt_root", self.random.randbytes(32))
        values.setdefault("tx_count", 1)
        parent = block_hash(self.headers[-1]) if self.headers else self.network
        name = "parent header" if height == self.parent_height else "header" if height == self.height else "lower header"
        return self.make(name, "BlockHeader", version=1, network_id=self.network, era=2 if later else 1, height=height,
                         time_ms=GENESIS_MS + height * BLOCK_MS, parent_hash=parent,
                         history_root=log.root_of(map(block_hash, self.headers)), state_root=self.root,
                         proposer=self.random.randbytes(20), **values)

    def certify(self, header, operator):
        if self.validators and header.era == 2:
            return self.make("certificate", "Certificate", by=self.validators.certificate(block_hash(header)))
        said = (b"salus.certificate.v1", header.network_id, u64(header.era), u64(header.height), block_hash(header))
        return self.make("certificate", "Certificate", by=message(
            "OperatorCertificate", operator_key=KEYS[operator].signer(), signature=KEYS[operator].sign(*said)))

    def open_era(self):
        if self.likely(0.5):
            self.validators = ForgedValidators(self, KEYS, message)
            engine = {"engine": 2, "chain_id": CHAIN, "validators": self.validators.in_record(self.accounts["b"])}
        else:
            engine = {"engine": 1, "validators": [self.make("later validator", "Validator", key=KEYS["second operator"].signer(),
                                                            power=1, organisation=self.accounts["b"])]}
        record = self.make("later era", "EraRecord", era=2, first_height=self.parent_height + 1,
                           parent_hash=block_hash(self.headers[-1]), reason="moved", **engine)
        said = b"salus.erasig.v1" + era_hash(record)
        signing = sorted(self.random.sample("abcd", 2 if self.slips(0.3) else 3 if self.risk else 4), key=self.accounts.get)
        record["signatures"] = [self.make("member signature", "MemberSignature", member=self.accounts[name],
                                          key=KEYS[name].signer(), signature=KEYS[name].sign(said)) for name in signing]
        return self.adopt("signed era", record)
