"""A file of evidence: docs/protocol.md, "Evidence"; the numbers are those of its list."""

import disclosure
from crypto import hkdf, sha256, tagged, u32, u64
from log import includes, leaf_hash
from rules import (VERSION, Refused, block_hash, check_certificate, check_genesis, check_signatories, check_succession,
                   check_transaction, demand, logged, parse, system_id, transaction_leaf)
from tree import path_of, proves
from wire import encode

MAGIC = b"SALUSEV1"
SYSTEM, GOVERNANCE, IDENTITY, RECORDS, AUDIT = 0, 1, 2, 3, 6


def check_state(state, root):
    demand(state.present or not state.value, "an absence with a value")
    demand(proves(root, path_of(state.contract, state.key), state.value if state.present else None, state.proof),
           "the proof does not show it")


def at(things, index, what):
    demand(index < len(things), f"names {what} {index}, which is not there")
    return things[index]


def content_hash(content):
    fields = (content.custodian, content.type.encode(), content.id.encode(), u64(content.version), u32(content.op),
              u64(content.written_ms), content.origin, u32(content.digest_suite), content.digest)
    return tagged("salus.record.v1", content.salt, *(u32(len(field)) + field for field in fields))


def audit_leaf(salt, interval, root):
    return sha256(b"\x00", salt, u64(interval), root)


def chain_hash(chain):
    return tagged("salus.chain.v1", chain.salt, u64(chain.seq), chain.previous)


class Verifier:
    """One file; `statements` collects (holds, text)."""

    def __init__(self, evidence):
        self.evidence, self.statements = evidence, []

    def state(self, text, check, *arguments):
        try:
            said = check(*arguments)
            self.statements.append((True, f"{text}: {said}" if said else text))
        except Refused as fault:
            self.statements.append((False, f"{text}: {fault}"))

    def run(self):
        evidence = self.evidence
        self.state("version", demand, evidence.version == VERSION, "another version")
        self.state("network", self.network)
        self.state("eras", self.eras)
        self.state("block", self.header)
        for name, things, check in (("state", evidence.states, lambda state: check_state(state, evidence.header.state_root)),
                                    ("leaf", evidence.leaves, self.leaf),
                                    ("block", evidence.blocks, self.block),
                                    ("transaction", evidence.transactions, self.transaction),
                                    ("record", evidence.records, self.record),
                                    ("audit event", evidence.audit_events, self.audit_event)):
            for index, thing in enumerate(things):
                self.state(f"{name} {index}", check, thing)
        for index, thing in enumerate(evidence.disclosures):
            self.state(f"disclosure {index}", disclosure.check_disclosure, thing, evidence)
        for index, thing in enumerate(evidence.grants):
            self.state(f"grant {index}", disclosure.check_grant, thing, evidence)
        for index, thing in enumerate(evidence.disclosures):
            for grant in evidence.grants:
                if grant.terms.grant in thing.manifest.grants:
                    self.state(f"disclosure {index} under {grant.terms.grant.hex()}", disclosure.check_under_grant,
                               thing, grant, evidence)
        return self.statements

    def network(self):
        _, network = check_genesis(self.evidence.genesis)
        demand(network == self.evidence.header.network_id, "the header is of another network")
        return network.hex()

    def in_history(self, header, path):
        """Whether a lower header stands in the history of the file's header."""
        top = self.evidence.header
        demand(0 < header.height < top.height, "not a lower block")
        demand(includes(top.history_root, top.height - 1, header.height - 1, leaf_hash(block_hash(header)), path),
               "not in the history")

    def eras(self):
        evidence = self.evidence
        demand(evidence.eras and len(evidence.era_proofs) == len(evidence.eras) - 1, "not one proof a later era")
        genesis, _ = check_genesis(evidence.genesis)
        demand(evidence.eras[0] == genesis.era, "the first era is not the genesis'")
        for previous, record, proof in zip(evidence.eras, evidence.eras[1:], evidence.era_proofs):
            parent = proof.parent
            demand(parent.version == VERSION and parent.network_id == evidence.header.network_id, "a parent of another network")
            check_succession(record, previous, parent)
            check_certificate(proof.certificate, parent, previous, proof.validator_changes)
            self.in_history(parent, proof.path)
            values = {}
            for state in proof.states:
                check_state(state, parent.state_root)
                if state.present:
                    values[state.contract, state.key] = state.value
            check_signatories(record, *self.voters(values, record), parent.time_ms)
        return f"{len(evidence.eras)}"

    @staticmethod
    def voters(values, record):
        """Members, threshold and signers' accounts, each of them proven."""
        def value(contract, key):
            demand((contract, key) in values, f"no proof of {contract} {key.hex()}")
            return values[contract, key]

        def newest(contract, key, kind):
            head = parse("DecisionHead", value(contract, key))
            return parse(kind, parse("DecisionEntry", value(contract, key + u64(head.n))).value)

        listed = parse("MemberList", value(GOVERNANCE, b"\x04")).accounts
        members = [(member, newest(GOVERNANCE, b"\x01" + member, "MemberState")) for member in listed]
        threshold = newest(GOVERNANCE, b"\x02" + u64(1), "ParameterState").value
        accounts = {signature.member: newest(IDENTITY, b"\x01" + signature.member, "AccountState")
                    for signature in record.signatures if signature.member in listed}
        return members, threshold, accounts

    def header(self):
        evidence, header = self.evidence, self.evidence.header
        demand(header.version == VERSION, "another version")
        demand(evidence.eras, "no era")
        era = evidence.eras[-1]
        check_certificate(evidence.certificate, header, era, evidence.validator_changes)
        if header.height == era.first_height:
            demand(header.parent_hash == (header.network_id if era.era == 1 else era.parent_hash), "not the era's first block")
        return f"{header.height} of era {header.era}"

    def leaf(self, leaf):
        state = at(self.evidence.states, leaf.log, "state")
        demand(state.present and len(state.key) == 17 and state.key[0] == 1, "leans on no log")
        if state.contract == RECORDS:
            frontier = parse("LogFrontier", state.value)
        else:
            demand(state.contract == AUDIT, "leans on no log")
            frontier = parse("AuditState", state.value).log
        log = logged(frontier)
        demand(includes(log.root(), log.count, leaf.index, leaf.leaf, leaf.path), "does not stand in the log")

    def block(self, block):
        top = self.evidence.header
        demand(block.header.version == VERSION and block.header.network_id == top.network_id, "another version or network")
        if block.header.height == top.height:
            demand(block.header == top and not block.path, "another block of the header's height")
        else:
            self.in_history(block.header, block.path)

    def transaction(self, proven):
        header = at(self.evidence.blocks, proven.block, "block").header
        receipt = proven.receipt
        if receipt.contract == SYSTEM:
            parse("SystemTransaction", proven.transaction)
            identity, contract, until = system_id(header.height, proven.index, proven.transaction), SYSTEM, 0
        else:
            identity, body = check_transaction(proven.transaction, header.version, header.network_id)
            contract, until = body.contract, body.valid_until_ms
        demand((receipt.id, receipt.contract) == (identity, contract), "the receipt is another's")
        leaf = leaf_hash(transaction_leaf(identity, until, proven.transaction))
        demand(includes(header.tx_root, header.tx_count, proven.index, leaf, proven.transaction_path), "not in the block")
        demand(includes(header.receipt_root, header.tx_count, proven.index, leaf_hash(encode(receipt)), proven.receipt_path),
               "its receipt is not in the block")
        return f"{identity.hex()}, code {receipt.code}"

    def record(self, record):
        evidence, opening, content = self.evidence, record.opening, record.opening.content
        leaf = at(evidence.leaves, record.leaf, "leaf")
        state = at(evidence.states, leaf.log, "state")
        demand((state.contract, state.key) == (RECORDS, b"\x01" + content.custodian), "not the custodian's log")
        demand(leaf.leaf == sha256(b"\x00", content_hash(content), opening.chain), "of another leaf")
        demand(leaf.index == opening.index, "at another index")
        demand(content.digest_suite == 1, "another suite of digests")
        demand(record.resource is None or sha256(record.resource) == content.digest, "other bytes")
        demand(record.chain is None or chain_hash(record.chain) == opening.chain, "another chain")
        superseded = at(evidence.states, record.superseded, "state")
        nullifier = hkdf(content.salt, b"salus.superseded.v1")
        demand((superseded.contract, superseded.key) == (RECORDS, b"\x02" + content.custodian + nullifier),
               "says nothing of whether it is replaced")
        if superseded.present:
            return f"declared replaced in block {parse('Place', superseded.value).height}"
        return "not declared replaced as of this block"

    def audit_event(self, event):
        leaf = at(self.evidence.leaves, event.leaf, "leaf")
        log = at(self.evidence.states, leaf.log, "state")
        demand(log.contract == AUDIT, "leans on no audit log")
        demand(event.record.version == VERSION, "another version")
        demand(includes(event.events_root, event.count, event.index, leaf_hash(encode(event.record)), event.path),
               "does not stand under the root of its interval")
        demand(audit_leaf(event.salt, event.interval, event.events_root) == leaf.leaf, "the leaf is another interval's")
        return f"{event.record.number} of {log.key[1:].hex()}"


def verify_evidence(data):
    return Verifier(parse("Evidence", data[len(MAGIC):])).run()
