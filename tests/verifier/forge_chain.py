"""Whole exports of the forged network: a genesis, its state, blocks of refused transactions, perhaps a second era.

A transaction that its contract refuses changes no state, so all state roots follow from docs/protocol.md, "Genesis": nothing is
executed here, and yet what is forged is good to who executes it.
"""

import chain
import log
from crypto import sha256, tagged, u32, u64
from forge import BLOCK_MS, GENESIS_MS, KEYS, Forger, StateTree, message
from mutate import change_chain, join_records
from rules import EMBEDDED, PARAMETERS, SIGN, ZERO, era_hash, system_id, transaction_leaf
from wire import encode

# What may be changed in a file.
CHAIN_NAMES = ["genesis", "account", "member", "admission", "first era", "validator", "later era", "later validator", "signed era",
               "member signature", "header", "parent header", "lower header", "certificate", "body", "signed", "receipt", "events",
               "system", "block", "footer", "engine header", "engine commit", "engine validator", "engine validators", "vote",
               "signed vote", "absent vote", "engine certificate"]
NO_PAYLOAD = b"\xff"  # decodes to nothing: code 1 of its contract


class ChainForger(Forger):
    def decided(self, contract, key, value, height=0):
        """The first value of an object, at the head of a block."""
        self.state[contract, key] = encode(message("DecisionHead", n=1))
        entry = message("DecisionEntry", place=message("Place", height=height), value=encode(value))
        self.state[contract, key + u64(1)] = encode(entry)

    def open(self, record, height):
        self.state[0, b"\x01" + u64(record.era)] = encode(message("EraOpened", record=era_hash(record)))
        if record.engine == EMBEDDED:
            return
        voters = sorted(record.validators, key=lambda one: (one.key.suite, one.key.public_key))
        self.decided(1, b"\x07", message("ValidatorSet", era=record.era, validators=[
            message("ActiveValidator", key=one.key, power=one.power, organisation=one.organisation, since=height,
                    since_ms=GENESIS_MS + height * BLOCK_MS) for one in voters]), height)

    def begin(self):
        """The state at height 0."""
        self.found()
        self.open(self.first_era, 0)
        genesis = self.founded
        for member in genesis.members:
            account, admitted = member.account, member.admission
            self.decided(1, b"\x01" + admitted.account, message(
                "MemberState", kind=admitted["kind"], licences=admitted.licences, jurisdiction=admitted.jurisdiction, status=1))
            self.decided(2, b"\x01" + admitted.account, message(
                "AccountState", kind=account["kind"], name=account.name, status=1, keys=account["keys"]))
            for key in (key for key in account["keys"] if key.use == SIGN):
                owner = message("KeyOwner", account=admitted.account)
                self.state[2, b"\x02" + tagged("salus.keyowner.v1", u32(key.suite), key.public_key)] = encode(owner)
        chosen = {entry.parameter: entry.value for entry in genesis.parameters}
        for parameter, (_, _, first) in PARAMETERS.items():
            self.decided(1, b"\x02" + u64(parameter), message("ParameterState", value=chosen.get(parameter, first)))
        accounts = sorted(member.admission.account for member in genesis.members)
        self.state[1, b"\x04"] = encode(message("MemberList", accounts=accounts))
        for policy in genesis.policies:
            place = policy.jurisdiction.encode()
            self.decided(5, b"\x03" + bytes([len(place)]) + place, message(
                "PolicyState", version=policy.version, document=sha256(policy.document)))

    def block(self, height, system):
        """A block of refused transactions behind the last header."""
        time_ms = GENESIS_MS + height * BLOCK_MS
        leaves, receipts, transactions, events = [], [], [], []
        for index, entry in enumerate(map(encode, system)):
            identity = system_id(height, index, entry)
            leaves.append(transaction_leaf(identity, 0, entry))
            what = system[index].what
            happened = message("Event", **{"kind": 1, "object": what.record} if what.kind == "EraOpened" else
                               {"kind": 2, "object": what.validator})
            events.append(self.make("events", "Events", events=[happened]))
            digest = tagged("salus.events.v1", encode(events[-1])) if events[-1].events else ZERO
            receipts.append(self.make("receipt", "Receipt", id=identity, contract=0, events=digest))
        for _ in range(self.random.randint(0 if system else 1, 3)):
            name, contract = self.random.choice("abcd"), self.random.randint(1, 6)
            until = time_ms + (self.random.choice((0, 1, 120_000, 120_001)) if self.slips(0.2) else 60_000)
            body = self.make("body", "TransactionBody", version=1, network_id=self.network,
                             sender=message("Sender", kind=1, id=self.accounts[name]), signers=[KEYS[name].signer()],
                             valid_until_ms=until, nonce=self.random.randbytes(8), contract=contract, payload=NO_PAYLOAD)
            said = encode(body)
            data = encode(self.make("signed", "SignedTransaction", body=said,
                                    signatures=[KEYS[name].sign(b"salus.sig.v1", said)]))
            identity = tagged("salus.tx.v1", said)
            transactions.append(data)
            leaves.append(transaction_leaf(identity, body.valid_until_ms, data))
            code = 0 if self.slips(0.05) else 1000 * body.contract + 1
            receipts.append(self.make("receipt", "Receipt", id=identity, contract=body.contract, code=code))
        if self.slips(0.1) and transactions:
            transactions.append(transactions[-1])
            leaves.append(leaves[-1])
            receipts.append(receipts[-1])
        self.root = StateTree(self.state).root()
        header = self.header(height, tx_root=log.root_of(leaves), receipt_root=log.root_of(map(encode, receipts)),
                             tx_count=len(leaves))
        return self.make("block", "Block", header=header, system=system, transactions=transactions, receipts=receipts,
                         events=events + [message("Events") for _ in transactions])

    def file(self):
        self.later_era, self.parent_height = self.likely(0.6), self.random.randint(1, 2)
        self.height = self.parent_height + self.random.randint(0, 2)
        self.later_era &= self.height > self.parent_height
        self.headers = []
        self.begin()
        records = [(chain.GENESIS, self.genesis)]
        for height in range(1, self.height + 1):
            system = []
            if self.later_era and height == self.parent_height + 1:
                record = self.open_era()
                records.append((chain.ERA, encode(record)))
                self.open(record, height)
                system.append(self.make("system", "SystemTransaction", what=message("EraOpened", record=era_hash(record))))
            if self.likely(0.2):
                fault = message("Fault", validator=self.random.randbytes(20), kind=self.random.choice((1, 2)), engine_height=height,
                                time_ms=GENESIS_MS, total_power=1)
                system.append(self.make("system", "SystemTransaction", what=fault))
                self.state[0, b"\x02" + fault.validator + u64(fault.engine_height) + u64(fault["kind"])] = encode(fault)
            block = self.block(height, system)
            self.headers.append(block.header)
            records.append((chain.BLOCK, encode(block)))
            operator = "second operator" if block.header.era == 2 else "first operator"
            if height == self.height and not self.slips(0.1) or self.likely(0.7):
                records.append((chain.CERTIFICATE, encode(self.certify(block.header, operator))))
        footer = self.make("footer", "ExportFooter", blocks=self.height, digest=ZERO)
        return join_records([*records, (chain.FOOTER, encode(footer))])


def forged_chain(random):
    """(what was changed, the file's bytes)"""
    if random.random() < 0.15:
        sound = [ChainForger(random, None, 0).file() for _ in range(2)]
        return "forged chain, spoilt", change_chain(sound[0], random, sound)
    if random.random() < 0.2:
        risk = random.choice((0, 0.2, 0.5, 1))
        return f"forged chain, risk {risk}", ChainForger(random, None, risk).file()
    name, risk = random.choice(CHAIN_NAMES), random.choice((0, 0, 0, 0.3))
    return f"forged chain with another {name}, risk {risk}", ChainForger(random, (name, random.choice((0, 0, 0, 1))), risk).file()
