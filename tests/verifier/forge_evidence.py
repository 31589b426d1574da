"""Files of evidence of the forged network: eras, blocks, transactions, records, grants and what was disclosed under them."""

from random import Random

import evidence
import log
from crypto import hkdf, hmac_sha256, sha256, tagged, u32, u64
from disclosure import HOUR_MS, public_end
from forge import BLOCK_MS, GENESIS_MS, KEYS, Forger, StateTree, message
from rules import COUNTED_AFTER_SUSPENSION_MS, block_hash, system_id, transaction_leaf
from wire import encode

RESOURCE = b'{"resourceType":"Observation"}'


class EvidenceForger(Forger):
    """Makes one file of evidence; what is to be proven is put into `state` and named in `states`."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.states = []

    def decide(self, contract, key, name, value, places=None):
        """The head and entries of a decision value; the newest is `value`."""
        n = self.random.choice((1, 1, 2, 3))
        self.state[contract, key] = encode(self.make(f"head of {name}", "DecisionHead", n=n))
        place = places or message("Place", height=1, index=0)
        for index in range(1, n + 1):
            self.state[contract, key + u64(index)] = encode(
                self.make(f"entry of {name}", "DecisionEntry", place=place, value=encode(value)))
        return [(contract, key), (contract, key + u64(n))]

    def prove(self, contract, key):
        """The index of a state in the file."""
        if (contract, key) not in self.states:
            self.states.append((contract, key))
        return self.states.index((contract, key))

    def govern(self, parent_ms):
        """What a later era's signatures are judged by."""
        listed = sorted(self.accounts.values())
        self.state[1, b"\x04"] = encode(self.make("member list", "MemberList", accounts=listed))
        self.voters = [(1, b"\x04")]
        suspended = "d" if self.slips(0.4) else ""
        for name, account in self.accounts.items():
            since = parent_ms - COUNTED_AFTER_SUSPENSION_MS + self.random.choice((-1, 0, 1)) if name == suspended else 0
            member = self.make("member state", "MemberState", kind=1, jurisdiction="CH-ZH", status=2 if since else 1,
                               suspended_ms=since)
            self.voters += self.decide(1, b"\x01" + account, "member", member)
            key = KEYS["stranger" if self.slips(0.05) else name]
            state = self.make("account state", "AccountState", kind=1, name=name, status=1, keys=[key.account_key()])
            self.voters += self.decide(2, b"\x01" + account, "account", state)
        threshold = self.make("threshold", "ParameterState", value=self.random.choice((75, 76, 100)) if self.slips(0.3) else 51)
        self.voters += self.decide(1, b"\x02" + u64(1), "threshold", threshold)

    # Transactions

    def transact(self, height):
        """A block's transactions with their receipts; returns the roots and what proves each."""
        leaves, receipts, datas = [], [], []
        for index in range(self.random.randint(1, 6)):
            if index == 0 and self.likely(0.5):
                data = encode(self.make("system", "SystemTransaction", what=message(
                    "Fault", validator=bytes(20), kind=1, engine_height=7, time_ms=1, total_power=1)))
                identity, contract, until = system_id(height, index, data), 0, 0
            else:
                signers = sorted((KEYS[name] for name in self.random.sample("abcd", self.random.choice((1, 1, 2)))),
                                 key=lambda key: key.public)
                body = self.make("body", "TransactionBody", version=1, network_id=self.network,
                                 sender=message("Sender", kind=1, id=self.accounts["a"]),
                                 signers=[key.signer() for key in signers], valid_until_ms=GENESIS_MS + 60_000,
                                 nonce=self.random.randbytes(8),
                                 contract=self.random.randint(1, 6), payload=b"payload")
                said = encode(body)
                data = encode(self.make("signed", "SignedTransaction", body=said,
                                        signatures=[key.sign(b"salus.sig.v1", said) for key in signers]))
                identity, contract, until = tagged("salus.tx.v1", said), body.contract, body.valid_until_ms
            receipt = self.make("receipt", "Receipt", id=identity, contract=contract, code=self.random.choice((0, 1001)))
            datas.append(data)
            receipts.append(receipt)
            leaves.append(log.leaf_hash(transaction_leaf(identity, until, data)))
        receipt_leaves = [log.leaf_hash(encode(receipt)) for receipt in receipts]
        roots = {"tx_root": root_of(leaves), "receipt_root": root_of(receipt_leaves), "tx_count": len(leaves)}
        proofs = [self.make("proven transaction", "ProvenTransaction", block=0, index=index, transaction=datas[index],
                            receipt=receipts[index], transaction_path=log.path_of(leaves, index),
                            receipt_path=log.path_of(receipt_leaves, index)) for index in range(len(leaves))]
        return roots, proofs

    # Records

    def record(self):
        """Two opened leaves in a log of padding."""
        custodian = self.accounts["a"]
        self.contents, self.chains, self.audit_events = [], [], []
        self.audit = self.likely(0.2)
        hashes = [self.random.randbytes(32) for _ in range(self.random.choice((14, 16, 21)))]
        self.leaf_at = self.random.sample(range(len(hashes)), 2)
        for index, (place, kind) in enumerate(zip(self.leaf_at, ("Observation", "Condition"))):
            self.contents.append(self.make("content", "LeafContent", salt=self.random.randbytes(16), custodian=custodian,
                                           type=kind, id=f"id{index}", version=1, op=1, written_ms=1, digest_suite=1,
                                           digest=sha256(RESOURCE)))
            self.chains.append(self.make("chain", "LeafChain", salt=self.random.randbytes(16), seq=index))
            hashes[place] = sha256(b"\0", evidence.content_hash(self.contents[-1]), evidence.chain_hash(self.chains[-1]))
            nullifier = b"\x02" + custodian + hkdf(self.contents[-1].salt, b"salus.superseded.v1")
            if self.likely(0.4):
                self.state[3, nullifier] = encode(self.make("superseded", "Place", height=2, index=1))
            self.prove(3, nullifier)
        if self.audit:
            hashes[self.leaf_at[1]] = self.account_for_access()
        frontier = log.Frontier()
        for leaf in hashes:
            frontier.append(leaf)
        self.log_hashes = hashes
        made = self.make("frontier", "LogFrontier", count=frontier.count, peaks=frontier.peaks)
        self.state[3, b"\x01" + custodian] = encode(made)
        self.state[6, b"\x01" + custodian] = encode(self.make("audit", "AuditState", interval=3, log=made))

    def account_for_access(self):
        """The events of an interval, one of them proven by the file's second leaf; returns that leaf."""
        events = [self.make("audit record", "AuditRecord", version=1, salt=self.random.randbytes(16), number=7 + index,
                            time_ms=1, action=self.random.randint(1, 17), outcome="no grant", organisation=self.accounts["b"],
                            subjects=[self.random.randbytes(16)], entities=["Observation/id0"], padding=b"\0")
                  for index in range(self.random.randint(1, 5))]
        hashes = [log.leaf_hash(encode(event)) for event in events]
        index, salt, interval = self.random.randrange(len(events)), self.random.randbytes(16), 5_000
        self.audit_events = [self.make("audit event", "ProvenAuditEvent", leaf=1, record=events[index], index=index,
                                       count=len(events), path=log.path_of(hashes, index), events_root=root_of(hashes),
                                       interval=interval, salt=salt)]
        return evidence.audit_leaf(salt, interval, root_of(hashes))

    def open_records(self):
        leaves, records = [], []
        custodian = self.accounts["a"]
        for index, place in enumerate(self.leaf_at):
            contract = 6 if self.audit and index else 3
            leaves.append(self.make("proven leaf", "ProvenLeaf", log=self.prove(contract, b"\x01" + custodian), index=place,
                                    leaf=self.log_hashes[place], path=log.path_of(self.log_hashes, place)))
            if contract == 6 and not self.slips(0.3):
                continue
            content, chain = self.contents[index], self.chains[index]
            opening = self.make("opening", "LeafOpening", content=content, chain=evidence.chain_hash(chain), index=place)
            nullifier = b"\x02" + custodian + hkdf(content.salt, b"salus.superseded.v1")
            records.append(self.make("record", "ProvenRecord", leaf=index, opening=opening, superseded=self.prove(3, nullifier),
                                     resource=RESOURCE if self.likely(0.7) else None, chain=chain if self.likely(0.5) else None))
        return leaves, records

    # Consent and disclosure

    def criteria(self, name):
        def some(right, wrong, empty=0.7):
            return [] if self.likely(empty) else [wrong] if self.slips(0.4) else [right, wrong] if self.likely(0.7) else [right]

        at = self.decided_ms
        for_certain = self.likely(0.8)
        return self.make(name, "Criteria", organisations=some(self.accounts["b"], self.accounts["c"]),
                         practitioners=some("urn:practitioner:1", "x"), roles=some("physician", "nurse"), purposes=some(1, 6),
                         actions=some(1, 2), types=some("Observation", "Condition"),
                         instances=some("Observation/id0", "Condition/id1", 0.9),
                         codes=[] if for_certain else some("loinc|1", "y", 0.8),
                         labels=[] if for_certain else some("R", "V", 0.8),
                         author="" if for_certain or self.likely(0.7) else "z",
                         data_from_ms=0 if for_certain or self.likely(0.7) else at,
                         data_until_ms=0 if for_certain or self.likely(0.7) else at)

    def about(self, boundary, far):
        """A time that mostly lies `far` beyond a boundary, sometimes at it."""
        return boundary + (self.random.choice((-1, 0, 1)) if self.slips(0.3) else far)

    def decided(self):
        """When the data was disclosed: within what the row's blocks allow, and sometimes at or past an end."""
        filed = GENESIS_MS + self.filed * BLOCK_MS
        last = filed + 120_000
        first = GENESIS_MS + self.intent * BLOCK_MS if self.intent else filed - 120_000
        boundary = self.random.choice((first, last))
        return boundary + self.random.choice((-1, 0, 1)) if self.slips(0.3) else self.random.choice((first, last, (first + last) // 2))

    def grant(self):
        identity = self.random.randbytes(16)
        permit = not self.slips(0.3)
        until = self.about(self.decided_ms, 3 * HOUR_MS)
        if self.likely(0.03):
            until = (1 << 64) - self.random.choice((1, 2, HOUR_MS))
        terms = self.make("terms", "GrantTerms", version=1, salt=self.random.randbytes(16), grant=identity,
                          custodian=self.accounts["a"], subject=self.random.randbytes(16), decide=1 if permit else 2,
                          scope=self.criteria("scope"),
                          exceptions=[self.criteria("exception")] if self.slips(0.4) else [],
                          from_ms=self.about(self.decided_ms, -HOUR_MS), until_ms=until)
        by_wallet = self.likely(0.5)
        revoked = self.slips(0.4)
        state = self.make("grant state", "GrantState", custodian=self.accounts["a"], terms=tagged("salus.terms.v1", encode(terms)),
                          control_key=KEYS["control"].signer() if by_wallet else None, not_after_ms=public_end(until),
                          attested_by=1 if by_wallet else 2, status=2 if revoked else 1)
        place = message("Place", height=self.filed + self.random.choice((-1, 0, 0, 1)), index=2 + self.random.choice((-1, 0, 1)))
        head, entry = self.decide(4, b"\x01" + identity, "grant", state, place)
        return self.make("proven grant", "ProvenGrant", head=self.prove(*head), entry=self.prove(*entry), terms=terms)

    def credential(self):
        user = self.make("credential", "StaffCredential", organisation=self.accounts["b"], name="Dr B", role="physician",
                         id="urn:practitioner:1", from_ms=self.about(self.decided_ms, -HOUR_MS),
                         until_ms=self.about(self.decided_ms, HOUR_MS), key=KEYS["b"].signer())
        network = self.random.randbytes(32) if self.slips(0.1) else self.network
        user["signature"] = KEYS["b"].sign(b"salus.staff.v1", network, encode(user, without="signature"))
        user = self.adopt("signed credential", user)
        place = b"\x02" + tagged("salus.keyowner.v1", u32(1), KEYS["b"].public)
        if not self.slips(0.1):
            owner = self.accounts["c" if self.slips(0.1) else "b"]
            self.state[2, place] = encode(self.make("owner", "KeyOwner", account=owner))
        if not self.slips(0.1):
            self.prove(2, place)
        return user

    def disclose(self, index, grants):
        basis = self.random.choice((1, 1, 1, 2, 3, 4, 5, 6))
        cited = [grant.terms.grant for grant in grants] if basis == 1 and not self.slips(0.1) or self.likely(0.6) else []
        late = self.intent > 0
        leaves = [self.make("disclosed", "DisclosedLeaf", leaf=self.log_hashes[place], index=place, form=1)
                  for place in self.leaf_at]
        manifest = self.make("manifest", "Manifest", version=1, salt=self.random.randbytes(16), custodian=self.accounts["a"],
                             request_id=self.random.randbytes(16), requester=self.accounts["b"],
                             user=self.credential() if self.likely(0.8) else None, purpose=1, basis=basis,
                             law="art. 1" if (basis == 4) != self.slips(0.05) else "", jurisdiction="CH-ZH", policy_version=1,
                             grants=cited, view_key_epoch=1, tag_index=0 if late else index, decided_ms=self.decided_ms,
                             leaves=leaves if self.likely() else leaves[:1] if self.likely(0.5) else [],
                             intent_id=self.random.randbytes(16) if late else None, intent_height=self.intent)
        view_key = self.random.randbytes(32) if self.likely(0.7) else None
        tag = hmac_sha256(view_key, b"salus.disclosure.v1" + u64(index)) if view_key else self.random.randbytes(32)
        row = self.make("row", "RowState", custodian=manifest.custodian, grant=cited[0] if cited else None, policy_version=1,
                        manifest=tagged("salus.manifest.v1", encode(manifest)), intent_height=self.intent,
                        place=message("Place", height=self.filed, index=2))
        place = b"\x01" + manifest.custodian + tag
        self.state[5, place] = encode(row)
        return self.make("disclosure", "ProvenDisclosure", row=self.prove(5, place), manifest=manifest, view_key=view_key,
                         tag_index=index if late and view_key else 0)

    # The file

    def file(self):
        self.found()
        self.later_era, self.parent_height = self.likely(0.5), self.random.randint(1, 4)
        self.height = self.parent_height + self.random.randint(1, 4)
        parent_ms = GENESIS_MS + self.parent_height * BLOCK_MS
        self.govern(parent_ms)
        self.record()
        self.filed = self.random.randint(1, self.height)
        self.intent = self.random.randint(1, self.filed - 1) if self.filed > 1 and self.likely(0.2) else 0
        self.decided_ms = self.decided()
        grants = [self.grant() for _ in range(self.random.choice((0, 1, 1, 2)))]
        disclosures = [self.disclose(index, grants) for index in range(1, self.random.choice((2, 2, 3)))]
        leaves, records = self.open_records()
        for key in self.random.sample(sorted(self.state), 2):
            self.prove(*key)
        self.prove(4, b"\x01" + self.random.randbytes(16))
        state = StateTree(self.state)
        self.root, self.headers = state.root(), []
        transacted = self.random.randint(1, self.height)
        proofs, later = [], []
        for height in range(1, self.height + 1):
            roots = {}
            if height == transacted:
                roots, proofs = self.transact(height)
            header = self.header(height, **roots)
            self.headers.append(header)
            if self.later_era and height == self.parent_height:
                record = self.open_era()
                later = [(record, header)]
        header = self.headers[-1]
        hashes = [log.leaf_hash(block_hash(lower)) for lower in self.headers[:-1]]
        shown = {transacted: None, self.random.randint(1, self.height): None}  # in this order, each once
        if not self.slips(0.1):
            shown.update({self.filed: None, self.intent or self.filed: None})
        blocks = [self.make("proven block", "ProvenBlock", header=self.headers[height - 1],
                            path=log.path_of(hashes, height - 1) if height < self.height else [])
                  for height in shown]
        era_proofs = [self.make("era proof", "ProvenEra", parent=parent, certificate=self.certify(parent, "first operator"),
                                states=[self.adopt("voter", state.prove(*key)) for key in self.voters],
                                path=log.path_of(hashes, self.parent_height - 1)) for _, parent in later]
        operator = "second operator" if self.later_era else "first operator"
        changes = self.validators.changes() if self.validators else []
        return evidence.MAGIC + encode(self.make(
            "evidence", "Evidence", version=1, header=header, certificate=self.certify(header, operator),
            eras=[self.first_era, *(record for record, _ in later)], era_proofs=era_proofs,
            states=[self.adopt("state", state.prove(*key)) for key in self.states], leaves=leaves, records=records,
            disclosures=disclosures, grants=grants, blocks=blocks, transactions=proofs, genesis=self.genesis,
            audit_events=self.audit_events, validator_changes=changes))


def root_of(hashes):
    frontier = log.Frontier()
    for leaf in hashes:
        frontier.append(leaf)
    return frontier.root()


def names_made():
    """The name of every message that some file has."""
    names = set()
    for seed in range(20):
        forger = EvidenceForger(Random(seed), None, 1)
        forger.file()
        names.update(forger.made)
    return sorted(names)


NAMES = names_made()


def forged_evidence(random):
    """(what was changed, the file's bytes)"""
    if random.random() < 0.25:
        risk = random.choice((0, 0.2, 0.5, 1))
        return f"forged, risk {risk}", EvidenceForger(random, None, risk).file()
    # Without a further risk, most files then break one rule alone.
    name, risk = random.choice(NAMES), random.choice((0, 0, 0, 0.3))
    return f"forged with another {name}, risk {risk}", EvidenceForger(random, (name, random.choice((0, 0, 0, 1))), risk).file()
